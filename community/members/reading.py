"""Reading settings: text size, theme, calm, survival numbers, quiet topics.

A guest's are one small cookie, set only by Save; a member's stand on the account. Both are
the same short string, for example "t2-dark-calm": what differs from the defaults, in a fixed
order. There are 72 of them, so a cache of finished pages can keep one for each under
``cache_key(request)``. They become data-attributes of <html>; nothing else of a page differs.
"""

from dataclasses import dataclass

from django.conf import settings

COOKIE_AGE = 365 * 24 * 60 * 60
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Reading:
    text: int = 1
    theme: str = ""
    calm: bool = False
    hide_numbers: bool = False
    quiet: bool = False

    def __str__(self):
        parts = [
            f"t{self.text}" if self.text != 1 else "",
            self.theme,
            "calm" if self.calm else "",
            "numbers" if self.hide_numbers else "",
            "quiet" if self.quiet else "",
        ]
        return "-".join(part for part in parts if part)

    @classmethod
    def read(cls, text: str) -> "Reading":
        """From the short string; what it does not know is left out, so nothing can break."""
        parts = set(text[:60].split("-"))
        return cls(
            text=next((size for size in (3, 2) if f"t{size}" in parts), 1),
            theme=next((theme for theme in THEMES if theme in parts), ""),
            calm="calm" in parts,
            hide_numbers="numbers" in parts,
            quiet="quiet" in parts,
        )

    @property
    def attributes(self) -> dict[str, str]:
        """Data-attributes of <html>, only those that change something."""
        return {
            name: value
            for name, value in {
                "data-text": str(self.text) if self.text != 1 else "",
                "data-theme": self.theme,
                "data-calm": "yes" if self.calm else "",
                "data-numbers": "hidden" if self.hide_numbers else "",
                "data-quiet": "yes" if self.quiet else "",
            }.items()
            if value
        }


def of_request(request) -> Reading:
    """A member's settings where there is a session with one, else the cookie's."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        return Reading.read(request.user.reading_settings)
    return Reading.read(request.COOKIES.get(settings.READING_COOKIE_NAME, ""))


def cache_key(request) -> str:
    """What a cache of pages for readers without a session adds to its key: "" for most.

    Made from the settings as understood, never from the cookie as sent, so that nobody can
    fill the cache with made-up ones.
    """
    return str(Reading.read(request.COOKIES.get(settings.READING_COOKIE_NAME, "")))


def save(request, response, reading: Reading) -> None:
    """Keep the settings: on the account of a member, in the cookie of a guest."""
    if request.user.is_authenticated:
        request.user.reading_settings = str(reading)
        request.user.save(update_fields=["reading_settings"])
        return
    if not str(reading):
        response.delete_cookie(settings.READING_COOKIE_NAME, samesite="Lax")
        return
    response.set_cookie(
        settings.READING_COOKIE_NAME,
        str(reading),
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )

"""Whose page it is: the same for every reader of whom nothing is known, or somebody's own."""

from functools import wraps

from django.conf import settings

# Set in the environ of a request that carries nothing of any reader's.
FOR_NOBODY = "harbor.for_nobody"


def reader_page(view):
    """A page that is the same for all readers without a session; GET and 200 only.

    Others get theirs to themselves. Nobody, and no proxy, shows a kept page without asking.
    """

    @wraps(view)
    def answered(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if response.status_code == 200 and request.method in {"GET", "HEAD"}:
            whose = "private" if is_for_one(request.META) else "public"
            response.headers.setdefault("Cache-Control", f"{whose}, no-cache")
        return response

    answered.is_reader_page = True
    return answered


def is_for_one(environ) -> bool:
    """Whether an answer may hold something of the reader's own."""
    if "HTTP_AUTHORIZATION" in environ or "HTTP_HX_REQUEST" in environ:
        return True
    cookies = environ.get("HTTP_COOKIE")
    return bool(cookies) and has_own_cookie(cookies)


def has_own_cookie(cookies: str) -> bool:
    """A session, reading settings, or a vote cast on this device, which its pages show;
    anything that only looks like one counts too."""
    return (
        settings.SESSION_COOKIE_NAME in cookies
        or settings.READING_COOKIE_NAME in cookies
        or settings.VOTE_COOKIE_NAME in cookies
    )

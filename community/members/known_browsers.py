"""A browser in which a member has signed in before.

Without it a limit on codes could be used against people: whoever asks for codes to my
address all day, from my hospital's network too, would keep me out. A known browser has
limits of its own that nobody else can use up. It also is not announced as new by mail.

The cookie holds a random name signed together with a keyed hash of the account. It opens
nothing, is read only here, and is set only when someone signs in.
"""

import hashlib
import hmac
import secrets

from django.conf import settings
from django.core import signing

SALT = "members.known-browser"
AGE = 365 * 24 * 60 * 60  # being away for months is normal here


def known_name(request, email: str) -> str:
    """The random name of this browser if ``email`` has signed in in it before, else ""."""
    try:
        name, owners = signing.loads(
            request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, ""), salt=SALT, max_age=AGE
        )
        return name if _owner(email) in owners else ""
    except (signing.BadSignature, ValueError, TypeError):
        return ""


def make_known(request, response, email: str) -> None:
    try:
        name, owners = signing.loads(
            request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, ""), salt=SALT, max_age=AGE
        )
    except (signing.BadSignature, ValueError, TypeError):
        name, owners = secrets.token_urlsafe(12), []
    owner = _owner(email)
    owners = [owner, *(other for other in owners if other != owner)][:3]
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        signing.dumps([name, owners], salt=SALT),
        max_age=AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _owner(email: str) -> str:
    message = f"known-browser:{email.lower()}".encode()
    return hmac.digest(settings.SECRET_KEY.encode(), message, hashlib.sha256).hex()[:24]

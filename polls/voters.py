"""Who votes, without knowing who it is.

A voter is a member or a browser that was given a random number at its first vote. A ballot
holds neither: it holds a keyed hash of the poll and the voter. Without the key, which is
never in the database, nobody can make that hash from a member or a member from that hash,
and the same voter looks different in every poll.
"""

import hashlib
import hmac
import secrets

from django.conf import settings
from django.core.signing import BadSignature, Signer

# Browsers keep a cookie no longer than 400 days; a poll that stays open longer is rare.
COOKIE_SECONDS = 400 * 24 * 60 * 60


class ForgedCookie(Exception):
    """The browser sent a voting cookie that this site did not write."""


def voter_of(request) -> str | None:
    """The voter behind a request, or None. Raises ForgedCookie.

    Looks at the session only where its cookie came along, so that a page for a reader
    without one can be the same for everyone.
    """
    if is_signed_in(request):
        return member_voter(request.user.pk)
    return guest_of(request)


def known_voter(request) -> str | None:
    """For looking only: nobody where the cookie is not ours.

    What is shown for a guest stands on pages asked with VOTE_COOKIE_NAME, so a cache of
    finished pages must let every request with that cookie through, as it does for sessions
    (tests/polls/test_own_vote.py).
    """
    try:
        return voter_of(request)
    except ForgedCookie:
        return None


def is_signed_in(request) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated


def member_voter(pk: int) -> str:
    return f"member:{pk}"


def guest_of(request) -> str | None:
    signed = request.COOKIES.get(settings.VOTE_COOKIE_NAME)
    if signed is None:
        return None
    try:
        return f"guest:{_signer().unsign(signed)}"
    except BadSignature as forged:
        raise ForgedCookie from forged


def give_guest_cookie(response) -> None:
    """Give this browser a number of its own. It says nothing about the person or the moment."""
    response.set_cookie(
        settings.VOTE_COOKIE_NAME,
        _signer().sign(secrets.token_urlsafe(16)),
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def take_guest_cookie(response) -> None:
    """Django sets Secure by itself on names that begin with __Host-."""
    response.delete_cookie(settings.VOTE_COOKIE_NAME, samesite="Lax")


def voter_key(poll_id: int, voter: str) -> bytes:
    """32 bytes that stand for this voter in this poll."""
    return hmac.digest(_key(), f"{poll_id}:{voter}".encode(), hashlib.sha256)


def _key() -> bytes:
    return hmac.digest(_secret().encode(), b"polls.voter_key", hashlib.sha256)


def _signer() -> Signer:
    return Signer(key=_secret(), salt="polls.guest")


def _secret() -> str:
    """VOTE_KEY outlives a change of SECRET_KEY: with a new key everyone could vote once more."""
    return settings.VOTE_KEY or settings.SECRET_KEY

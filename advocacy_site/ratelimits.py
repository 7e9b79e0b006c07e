"""Limits on how often something may be done. They fail closed: no answer, no deed.

A count lives in the database for one window of time, so that all processes share it, under
a keyed hash: no address of a machine or a person is ever kept.

    @rate_limit("report-comment", to=5, per=minutes(10))
    def report(request, ...): ...
"""

import hashlib
import hmac
import time
from datetime import UTC, datetime
from functools import wraps

from django.conf import settings
from django.db import DatabaseError, connection
from django.shortcuts import render

from .client_address import client_address
from .error_pages import is_without_database
from .models import RateLimitCount

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def minutes(count: int) -> int:
    return count * 60


def hours(count: int) -> int:
    return count * 60 * 60


def days(count: int) -> int:
    return count * 24 * 60 * 60


def rate_limit(name: str, *, to: int, per: int, by=client_address):
    """Let a view change something at most ``to`` times in ``per`` seconds for each ``by(request)``.

    Reading is not limited. Past the limit the answer is 429 with a page that says when to
    try again; what was typed stays in the form behind the back button.
    """

    def decorate(view):
        @wraps(view)
        def limited(request, *args, **kwargs):
            if request.method not in SAFE_METHODS and not allow(name, by(request), to=to, per=per):
                return too_many(request, per)
            return view(request, *args, **kwargs)

        return limited

    return decorate


def allow(name: str, who: str, *, to: int, per: int) -> bool:
    """Count one deed and tell whether it is within the limit. False when counting fails.

    Raises what Django does while the database is away: nobody was too fast then, and the page
    that says so gives the words back.
    """
    window = int(time.time()) // per
    key = _key(name, window, who)
    expires_at = datetime.fromtimestamp((window + 1) * per, UTC)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {RateLimitCount._meta.db_table} AS c (key, count, expires_at)"  # noqa: S608
                " VALUES (%s, 1, %s)"
                " ON CONFLICT (key) DO UPDATE SET count = c.count + 1 RETURNING count",
                [key, expires_at],
            )
            return cursor.fetchone()[0] <= to
    except DatabaseError as error:
        if is_without_database(error):
            raise
        return False


def too_many(request, per: int):
    response = render(request, "429.html", {"wait": wait_in_words(per)}, status=429)
    response.headers["Retry-After"] = str(per - int(time.time()) % per)
    return response


def wait_in_words(per: int) -> str:
    if per <= minutes(2):
        return "a minute or two"
    return "a few minutes" if per <= minutes(15) else "an hour or so"


def forget_expired() -> int:
    """Delete the counts of windows that are over. Safe to repeat."""
    deleted, _ = RateLimitCount.objects.filter(expires_at__lt=datetime.now(UTC)).delete()
    return deleted


def _key(name: str, window: int, who: str) -> bytes:
    message = f"rate-limit:{name}:{window}:{who}".encode()
    return hmac.digest(settings.SECRET_KEY.encode(), message, hashlib.sha256)

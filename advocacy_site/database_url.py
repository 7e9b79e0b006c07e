"""DATABASE_URL, as everyone writes it, to Django's settings."""

import os
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def parse_database_url(url: str) -> dict:
    """Turn ``postgresql://user:password@host:port/name?option=value`` into a DATABASES entry.

    ``host`` may be given as an option instead (a folder, for a Unix socket). Raises
    ImproperlyConfigured with a sentence when the address is not one of Postgres.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or ""
    except ValueError:
        raise ImproperlyConfigured(
            "The port in DATABASE_URL must be a number, for example 5432."
        ) from None
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name."
        )
    # A silent server must not hold a page, or the question whether the site is well.
    options = {"connect_timeout": "5"} | dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": port,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def with_limits(database: dict) -> dict:
    """Let the database end what takes too long, so that one page cannot hold up the others.

    From STATEMENT_SECONDS (15), LOCK_SECONDS (5) and IDLE_TRANSACTION_SECONDS (60); 0 is no
    limit. Commands have none for statements (manage.py), and tasks and jobs limits of their own.
    """
    limits = {
        "statement_timeout": os.environ.get("STATEMENT_SECONDS") or "15",
        "lock_timeout": os.environ.get("LOCK_SECONDS") or "5",
        "idle_in_transaction_session_timeout": os.environ.get("IDLE_TRANSACTION_SECONDS") or "60",
    }
    given = database["OPTIONS"].get("options", "")
    said = " ".join(f"-c {name}={int(seconds)}s" for name, seconds in limits.items())
    database["OPTIONS"]["options"] = f"{said} {given}".strip()
    return database

"""The safe default: starts only when everything a real site needs has been said."""

import os

from advocacy_site.database_url import parse_database_url, with_limits
from advocacy_site.request_log import JSON_LOGGING

from .base import *
from .required import listed, required

SECRET_KEY = required(
    "SECRET_KEY",
    "a long random text that only this site knows, 50 characters or more",
    fits=lambda key: len(key) >= 50,
)
ALLOWED_HOSTS = listed(
    required(
        "ALLOWED_HOSTS",
        "the names this site answers to, separated by commas, for example harbor.example",
        fits=lambda names: "*" not in names,
    )
)
SITE_URL = required(
    "SITE_URL",
    "the address of the site without a slash at the end, for example https://harbor.example",
    fits=lambda url: url.startswith("https://") and not url.endswith("/"),
)
# Set once and never again: with another key everyone could vote a second time.
VOTE_KEY = os.environ.get("VOTE_KEY", "")
DATABASES = {
    "default": with_limits(
        parse_database_url(
            required(
                "DATABASE_URL", "the database, for example postgresql://user:password@host/name"
            )
        )
    )
}
DEFAULT_FROM_EMAIL = SERVER_EMAIL = required(
    "DEFAULT_FROM_EMAIL",
    "the address mail is sent from, for example Harbor <letters@harbor.example>",
)
POSTAL_ADDRESS = os.environ.get("POSTAL_ADDRESS", "").strip()
REPLY_TO_EMAIL = os.environ.get("REPLY_TO_EMAIL", "").strip()
# user:password that the relay's webhook must show; without it /mail-events/ is not there.
if webhook_secret := os.environ.get("MAIL_WEBHOOK_SECRET", "").strip():
    ANYMAIL = {"WEBHOOK_SECRET": webhook_secret}
if moderator_hours := os.environ.get("MODERATOR_HOURS", "").strip():
    MODERATOR_HOURS = tuple(int(hour) for hour in moderator_hours.split("-", 1))
LETTERS_PER_SECOND = float(os.environ.get("LETTERS_PER_SECOND") or 0) or None
RETURNS_MAILDIR = os.environ.get("RETURNS_MAILDIR", "").strip()
WEEKLY_LETTER = os.environ.get("WEEKLY_LETTER", "").strip() or "draft"
# Who hears of tasks and jobs that were given up, and of nothing about readers.
ADMINS = listed(os.environ.get("ADMINS", ""))

DEBUG = False
READER_CACHE = os.environ.get("READER_CACHE") != "0"
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # the machines ask without TLS, from inside
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# Set TRUST_PROXY_TLS=1 only when a proxy in front always sets this header itself.
if os.environ.get("TRUST_PROXY_TLS") == "1":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

TRUSTED_PROXIES = listed(os.environ.get("TRUSTED_PROXIES", ""))

MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": os.environ.get("EMAIL_HOST", "localhost"),
            "port": int(os.environ.get("EMAIL_PORT") or "25"),
            "username": os.environ.get("EMAIL_HOST_USER", ""),
            "password": os.environ.get("EMAIL_HOST_PASSWORD", ""),
            "use_tls": os.environ.get("EMAIL_USE_TLS") == "1",
            "timeout": 20,
        },
    }
}

LOGGING = JSON_LOGGING

"""For ``make run``: one machine, plain http on localhost, mail kept as files, no secrets.

``DEBUG=1 make run`` shows Django's own error pages and picks up template changes.
"""

import os

from advocacy_site.database_url import parse_database_url, with_limits

from .base import *
from .base import VAR

DEBUG = os.environ.get("DEBUG") == "1"
READER_CACHE = not DEBUG and os.environ.get("READER_CACHE") != "0"
SECRET_KEY = "for-local-use-only-never-in-production-0123456789"  # noqa: S105
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
DATABASES = {"default": with_limits(parse_database_url(os.environ.get("DATABASE_URL", "")))}

MAIL_FOLDER = VAR / "mail"
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": MAIL_FOLDER},
    }
}
ALLOW_DEMO_LOGINS = True
IS_DEMONSTRATION = True
DEFAULT_FROM_EMAIL = "Harbor <letters@harbor.example>"
SHOW_MAILBOX = True
SITE_URL = f"http://localhost:{os.environ.get('PORT') or '8000'}"
POSTAL_ADDRESS = "Harbor (a demonstration), 1 Quay Street, Exampleville, NY 00000"
REPLY_TO_EMAIL = "help@harbor.example"

# Plain http on localhost: browsers refuse __Host- names there.
SESSION_COOKIE_NAME = "session"
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_NAME = "csrf"
VOTE_COOKIE_NAME = "voter"
DRAFT_COOKIE_NAME = "draft"
CSRF_COOKIE_SECURE = False
KNOWN_BROWSER_COOKIE_NAME = "known"
READING_COOKIE_NAME = "reading"

# The demonstration logins have a password only. Passkeys work on localhost without TLS.
STAFF_NEED_SECOND_FACTOR = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True

# What went wrong, with its traceback, in the terminal. Without DEBUG Django would print nothing.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {
        "terminal": {"class": "logging.StreamHandler", "level": "WARNING"},
        "errors": {"class": "logging.StreamHandler", "level": "ERROR"},
    },
    "root": {"handlers": ["terminal"]},
    "loggers": {
        "django": {"handlers": ["terminal"], "propagate": False},
        # The worker calls each start and every stop a warning.
        "django_tasks_db": {"handlers": ["errors"], "propagate": False},
    },
}

if DEBUG:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    WHITENOISE_AUTOREFRESH = True
    WHITENOISE_USE_FINDERS = True

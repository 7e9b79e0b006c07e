"""For ``make test``: production's cookies and headers, fast passwords, tasks run at once."""

import os
import tempfile
from pathlib import Path

from advocacy_site.database_url import parse_database_url

from .base import *

DEBUG = False
SECRET_KEY = "for-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
DATABASES = {"default": parse_database_url(os.environ["DATABASE_URL"])}
# Records that are never emptied are, between tests that commit: triggers of articles, newsletter
# and moderation let through whoever says this.
DATABASES["default"]["OPTIONS"]["options"] = "-c harbor.may_empty=tests"
ALLOW_DEMO_LOGINS = True
IS_DEMONSTRATION = True
DEFAULT_FROM_EMAIL = "Harbor <letters@harbor.example>"
POSTAL_ADDRESS = "Harbor, 1 Quay Street, Exampleville, NY 00000"
REPLY_TO_EMAIL = "help@harbor.example"
METRICS_FOLDER = BACKUP_FOLDER = None
SITE_URL = "https://testserver"
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
ANYMAIL = {"WEBHOOK_SECRET": "relay:secret"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
MEDIA_ROOT = Path(tempfile.gettempdir()) / f"harbor-test-media-{os.getpid()}"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# Tests of the second factor switch it on.
STAFF_NEED_SECOND_FACTOR = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True

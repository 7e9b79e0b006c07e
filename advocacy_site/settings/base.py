"""What every environment shares. Nothing here is secret and nothing depends on the machine."""

import os
from pathlib import Path

from advocacy_site.content_security import PUBLIC_POLICY

ROOT = Path(__file__).resolve().parent.parent.parent
# What a run leaves behind; another folder keeps a second run apart from the first.
VAR = Path(os.environ.get("HARBOR_VAR") or ROOT / "var").absolute()

SITE_NAME = "Harbor"
# Numbers for Prometheus: counters of all processes lie in the folder (None: each its own),
# and a worker answers at 127.0.0.1:METRICS_PORT/metrics (None: nobody does).
METRICS_FOLDER = VAR / "metrics"
METRICS_PORT = int(os.environ.get("METRICS_PORT") or 0) or None
# Where a backup goes every day (None: none is made), and how many stay there.
BACKUP_FOLDER = Path(os.environ["BACKUP_FOLDER"]) if os.environ.get("BACKUP_FOLDER") else None
BACKUPS_KEPT = 10
# Where the site is, without a slash at the end: for addresses that leave it (shares, mail).
SITE_URL = "http://localhost:8000"
# It stands in every letter; none goes out while it is empty.
POSTAL_ADDRESS = ""
# Answers to our mails go there, and a person reads them.
REPLY_TO_EMAIL = ""
# Letters a second and worker; what the mail relay allows. None: as fast as it takes them.
LETTERS_PER_SECOND = None
# The Maildir to which bounces come, if no webhook tells of them.
RETURNS_MAILDIR = ""
# What the schedule does once a week with what is new: "draft", "send" or nothing.
WEEKLY_LETTER = "draft"

INSTALLED_APPS = [
    "advocacy_site.apps.HarborAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks_db",
    "markdownx",
    "pictures",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "advocacy_site.apps.AdvocacySiteConfig",
    "community.policies",
    "community.members",
    "articles",
    "polls",
    "community.comments",
    "community.newsletter",
    "community.moderation",
]

MIDDLEWARE = [
    "advocacy_site.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "advocacy_site.security_headers.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "advocacy_site.compression.TextGZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "advocacy_site.body_limit.BodyLimitMiddleware",
    "advocacy_site.same_origin.SameOriginMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "community.members.middleware.SessionsMiddleware",
    "community.members.middleware.ReadingSettingsMiddleware",
    "advocacy_site.error_pages.words_for_refusals",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "advocacy_site.urls"
WSGI_APPLICATION = "advocacy_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "advocacy_site.context_processors.site",
                "community.members.context_processors.reader",
            ],
        },
    },
]

AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = ["community.members.backends.MemberBackend"]
# The address is unique without regard to case, by a constraint this check does not know.
SILENCED_SYSTEM_CHECKS = ["auth.E003", "auth.W004"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/New_York"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [ROOT / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR / "media"
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "advocacy_site.static_storage.SmallManifestStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o644
# A form larger than this is refused before it is read; a picture has its own limit.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Finished pages for readers without a session (reader_cache); off, every page is made anew.
READER_CACHE = True

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# A task that takes longer hangs: its process is ended, and it is tried again.
TASK_LIMIT_SECONDS = 10 * 60
TASK_LIMITS = {"articles.source_checks.check_all_sources": 3 * 60 * 60}

# Widths 400, 800, 1200 and 1600; never wider than the picture itself.
PICTURES = {
    "CONTAINER_WIDTH": 1600,
    "GRID_COLUMNS": 4,
    "PIXEL_DENSITIES": [1],
    "BREAKPOINTS": {"phone": 704},
    "FILE_TYPES": ["AVIF", "WEBP", "JPEG"],
    "QUEUE_NAME": "default",
    "USE_PLACEHOLDERS": False,
    "PROCESSOR": "articles.renditions.process_picture",
}

# Our own guarded views; the package's views serve anyone and are never included.
MARKDOWNX_URLS_PATH = "/admin/articles/article/preview/"
MARKDOWNX_UPLOAD_URLS_PATH = "/admin/articles/picture/upload/"
MARKDOWNX_SERVER_CALL_LATENCY = 500

# Networks of the proxies in front, if any: only their X-Forwarded-For is believed.
TRUSTED_PROXIES = []

# The reader's browser is told to keep to this site; see content_security.py for the admin.
SECURE_CSP = PUBLIC_POLICY
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# __Host- names bind a cookie to this very host, over TLS, for the whole site.
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
# One vote for each browser without an account; set at its first vote (polls.voters).
VOTE_COOKIE_NAME = "__Host-voter"
# What ballots are keyed with; empty: SECRET_KEY.
VOTE_KEY = ""
# Only for somebody who wrote a comment before signing in, from that moment on.
DRAFT_COOKIE_NAME = "__Host-draft"
CSRF_FAILURE_VIEW = "advocacy_site.error_pages.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
KNOWN_BROWSER_COOKIE_NAME = "__Host-known"
READING_COOKIE_NAME = "__Host-reading"
# Thirty days after the last visit; a signed-in page renews it once a day.
SESSION_COOKIE_AGE = 30 * 24 * 60 * 60

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "members:account"
# Django admin and the moderators' pages open only after a second factor.
STAFF_NEED_SECOND_FACTOR = True
# allauth does second factors, passkeys and the steps of a sign-in. The emailed code is ours
# (community/members/codes.py says why), so allauth keeps no addresses of its own.
ACCOUNT_ADAPTER = "community.members.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "community.members.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1  # one step before and after, for a phone whose clock is off

# When moderators are here, in whole hours of TIME_ZONE; people read it at the comment box.
MODERATOR_HOURS = (9, 18)
MODERATOR_TIME_ZONE_NAME = "Eastern"

# The demonstration accounts have a known password: local and test settings allow them.
ALLOW_DEMO_LOGINS = False
# Every page then says that people, comments and votes are made up.
IS_DEMONSTRATION = False

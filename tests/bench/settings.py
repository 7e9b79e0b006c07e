"""As locally, behind a proxy: each visitor then has an address of their own."""

from advocacy_site.settings.local import *  # noqa: F403

TRUSTED_PROXIES = ["127.0.0.0/8"]

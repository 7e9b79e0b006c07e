"""Whole addresses, for what leaves the site: feeds, sitemap, shares, structured data."""

from django.conf import settings


def whole_address(path: str) -> str:
    """``/articles/`` to ``https://harbor.example/articles/``, whatever host was asked."""
    return f"{settings.SITE_URL}{path}"

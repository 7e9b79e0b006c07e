"""Addresses for where no request says which site this is: mails and feeds."""

from django.conf import settings


def absolute(path: str) -> str:
    """``/emails/`` -> ``https://harbor.example/emails/``."""
    return f"{settings.SITE_URL}{path}"

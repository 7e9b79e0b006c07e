"""Moments as people say them, at the site's clock."""

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone


def in_words(moment: datetime) -> str:
    """``October 12, 2026, 9:00 am``"""
    local = timezone.localtime(moment)
    half = "am" if local.hour < 12 else "pm"
    return f"{local:%B} {local.day}, {local.year}, {local.hour % 12 or 12}:{local:%M} {half}"


def day_in_words(day: date) -> str:
    """``October 12, 2026``"""
    return f"{day:%B} {day.day}, {day.year}"


def site_clock() -> str:
    """Whose time the desk means: ``New York time``."""
    return f"{settings.TIME_ZONE.rpartition('/')[2].replace('_', ' ')} time"

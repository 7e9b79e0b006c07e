"""When moderators are here, from two settings, as people read it."""

from django.conf import settings
from django.utils import timezone


def clock(hour: int) -> str:
    if hour in (0, 24):
        return "midnight"
    if hour == 12:
        return "noon"
    return f"{hour % 12} {'am' if hour < 12 else 'pm'}"


def line() -> str:
    """For the comment box: the same at any hour, so that a kept page stays true."""
    start, end = settings.MODERATOR_HOURS
    return (
        f"Moderators are here {clock(start)} to {clock(end)} {settings.MODERATOR_TIME_ZONE_NAME}."
        " At other times, held comments and reports wait until morning."
    )


def is_staffed(now=None) -> bool:
    start, end = settings.MODERATOR_HOURS
    return start <= timezone.localtime(now).hour < end


def line_now() -> str:
    """For moderators: until when, or from when."""
    start, end = settings.MODERATOR_HOURS
    return f"Staffed until {clock(end)}." if is_staffed() else f"Staffed from {clock(start)}."

"""How long words can be changed and taken back."""

from datetime import datetime, timedelta

from django.utils import timezone

# Long enough to mend a slip with numb fingers, short enough that nobody has answered yet.
EDIT_FOR = timedelta(minutes=15)
EDIT_FOR_IN_WORDS = "15 minutes"
# A deleted comment can come back for a day: regret often comes after sleep.
BRING_BACK_FOR = timedelta(days=1)


def is_open(created_at: datetime) -> bool:
    return timezone.now() < created_at + EDIT_FOR


def can_come_back(deleted_at: datetime | None) -> bool:
    return deleted_at is not None and timezone.now() < deleted_at + BRING_BACK_FOR

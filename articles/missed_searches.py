"""What readers looked for and did not find. Words only: never who, never when to the minute."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from .models import MissedSearch

KEPT = timedelta(days=90)
# A machine that searches for nonsense must not fill the table.
MOST_ROWS = 5_000
MOST_CHARACTERS = 80


def record_miss(words: str) -> bool:
    """Count the words, unless they look like a person's: an address or a long number."""
    words = " ".join(words.lower().split())
    digits = sum(character.isdigit() for character in words)
    if not words or len(words) > MOST_CHARACTERS or "@" in words or digits > 4:
        return False
    today = timezone.localdate()
    again = MissedSearch.objects.filter(words=words).update(times=F("times") + 1, last_on=today)
    if again:
        return True
    drop_old_misses()
    if MissedSearch.objects.count() >= MOST_ROWS:
        return False
    try:
        with transaction.atomic():
            MissedSearch.objects.create(words=words, last_on=today)
    except IntegrityError:
        return False  # another reader missed the same at the same moment
    return True


def old_misses():
    return MissedSearch.objects.filter(last_on__lt=timezone.localdate() - KEPT)


def recent_misses():
    return MissedSearch.objects.filter(last_on__gte=timezone.localdate() - KEPT)


def drop_old_misses() -> int:
    deleted, _ = old_misses().delete()
    return deleted

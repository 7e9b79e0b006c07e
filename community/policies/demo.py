from datetime import datetime

from django.utils import timezone

from .starter import add_starter_texts


def load(say):
    added = add_starter_texts(published_at=timezone.make_aware(datetime(2026, 9, 1)))  # noqa: DTZ001
    say(f"Posted texts: {len(added)} added")

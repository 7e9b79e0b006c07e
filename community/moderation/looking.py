"""Who else has an item open, so that two do not decide unknowing."""

from datetime import timedelta

from django.utils import timezone

from .models import Looking

# Without scripts nobody says it again, so it holds as long as reading and deciding may take.
LASTS = timedelta(minutes=5)


def look(comment, moderator) -> None:
    Looking.objects.update_or_create(
        comment=comment, moderator=moderator, defaults={"seen_at": timezone.now()}
    )
    Looking.objects.filter(seen_at__lt=timezone.now() - timedelta(days=1)).delete()


def looked(comment, moderator) -> None:
    """The item is decided, or passed on."""
    Looking.objects.filter(comment=comment, moderator=moderator).delete()

"""Who else has an article open, so that two do not write over each other unknowing."""

from datetime import timedelta

from django.utils import timezone

from .models import Presence

# The open page says so every 20 seconds; two may get lost on the way.
LASTS = timedelta(seconds=60)


def say_present(article, editor) -> None:
    Presence.objects.update_or_create(
        article=article, editor=editor, defaults={"seen_at": timezone.now()}
    )
    Presence.objects.filter(seen_at__lt=timezone.now() - timedelta(days=1)).delete()


def others_at(article, editor) -> list[str]:
    """The names of the others who have it open now."""
    here = Presence.objects.filter(article=article, seen_at__gt=timezone.now() - LASTS)
    return [
        presence.editor.display_name
        for presence in here.exclude(editor=editor).select_related("editor")[:10]
    ]

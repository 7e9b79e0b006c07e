"""Who is on duty, who is next."""

from django.utils import timezone

from .models import HandOver, Shift
from .rights import all_moderators


def on_duty() -> list:
    """The moderators on duty now; all of them where the rota names nobody."""
    now = timezone.now()
    shifts = Shift.objects.filter(starts_at__lte=now, ends_at__gt=now)
    moderators = list(all_moderators())
    named = {shift.moderator_id for shift in shifts}
    return [moderator for moderator in moderators if moderator.pk in named] or moderators


def next_name() -> str:
    """Who comes after the shifts of now, or an empty text."""
    coming = Shift.objects.filter(starts_at__gt=timezone.now()).select_related("moderator")
    shift = coming.first()
    return shift.moderator.display_name if shift else ""


def coming_shifts(most=20):
    return Shift.objects.filter(ends_at__gt=timezone.now()).select_related("moderator")[:most]


def hand_over(by, words: str) -> HandOver:
    return HandOver.objects.create(by=by, words=words)


def notes(most=5):
    return HandOver.objects.select_related("by").order_by("-pk")[:most]

"""Who is on duty, who is next."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from community.members.models import Member

from .models import HandOver, Shift
from .rights import all_moderators

NOTES_ARE_KEPT = timedelta(days=90)


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


@transaction.atomic
def hand_over(by, words: str) -> bool:
    """Leave a note; the same words as her newest are a second press. Tell whether it is new."""
    Member.objects.select_for_update(no_key=True).get(pk=by.pk)
    newest = HandOver.objects.filter(by=by).order_by("-pk").first()
    if newest is not None and newest.words == words:
        return False
    HandOver.objects.create(by=by, words=words)
    return True


def forget(*, dry_run=False) -> int:
    """Delete old hand-over notes: they may name members, and help nobody any more."""
    old = HandOver.objects.filter(at__lt=timezone.now() - NOTES_ARE_KEPT)
    return old.count() if dry_run else old.delete()[0]


def notes(most=5):
    return HandOver.objects.select_related("by").order_by("-pk")[:most]

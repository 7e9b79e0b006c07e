"""Pauses, bans and warnings: what keeps a member from writing, and for how long.

A pause is a date that the clock passes; nothing has to run for it to end. A ban without an end
is the last date there is. Neither keeps anyone from reading, signing in, taking their data along
or closing the account.
"""

from datetime import UTC, datetime

from django.utils import timezone

from community.members.models import Member

from .models import Message, ModerationAct, What

FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)


def stop(member: Member, until: datetime | None) -> bool:
    """No writing until then, or for good; tell whether anything changed."""
    everyone = Member.objects.filter(pk=member.pk).exclude(suspended_until=until or FOR_GOOD)
    return everyone.update(suspended_until=until or FOR_GOOD) > 0


def lift(member: Member, stop: ModerationAct | None = None) -> bool:
    """Let her write again; with ``stop``, only where that decision is what stops her now."""
    everyone = Member.objects.filter(pk=member.pk, suspended_until__isnull=False)
    if stop is not None:
        everyone = everyone.filter(suspended_until=stop.until or FOR_GOOD)
    return everyone.update(suspended_until=None) > 0


def is_stopped(member: Member) -> bool:
    return bool(member.suspended_until and member.suspended_until > timezone.now())


def is_banned(member: Member) -> bool:
    """Whether what stops her now is a ban: only who leads may end it or put a pause there."""
    if not is_stopped(member):
        return False
    stops = ModerationAct.objects.filter(member=member, what__in=[What.PAUSED, What.BANNED])
    return stops.order_by("-pk").values_list("what", flat=True).first() == What.BANNED


def is_for_good(member: Member) -> bool:
    return bool(member.suspended_until and member.suspended_until.year >= FOR_GOOD.year - 1)


def why_not(member: Member) -> str:
    """Why this member may not write now, beside the end of a pause that openness knows."""
    if is_for_good(member):
        return (
            "This account can no longer write here. You can still read, get a copy of your data"
            " and close the account."
        )
    if must_acknowledge(member):
        return (
            "A moderator wrote to you. Open your account, then “Messages from moderators”, and say"
            " that you have read it. Then you can write again."
        )
    return ""


def must_acknowledge(member: Member) -> bool:
    waiting = Message.objects.filter(member=member, must_acknowledge=True, acknowledged_at=None)
    return waiting.exists()

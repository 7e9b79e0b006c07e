"""Waiting for a moderator: the rows that say since when and why. Verbs, each safe to repeat.

``moderation.first_state`` decides whether a comment waits; every comment in the state "held" has
one waiting ``Hold``, in the same transaction (the database checks it).
"""

from django.db import transaction
from django.utils import timezone

from .models import Comment, Hold, MemberHold


@transaction.atomic
def hold(comment: Comment, reasons, detail: str = "") -> Hold:
    """Put a comment in the line, or add reasons to the hold it waits under."""
    Comment.objects.select_for_update(of=["self"]).get(pk=comment.pk)
    waiting = Hold.objects.waiting().filter(comment=comment).first()
    if waiting is None:
        return begin(comment, reasons, detail)
    waiting.reasons = list(dict.fromkeys([*waiting.reasons, *reasons]))
    waiting.detail = "\n".join(dict.fromkeys(f"{waiting.detail}\n{detail}".split("\n"))).strip()
    waiting.save(update_fields=["reasons", "detail"])
    return waiting


def begin(comment: Comment, reasons, detail: str = "") -> Hold:
    """Put a comment in the line that is in none: nobody else knows of a new one."""
    return Hold.objects.create(comment=comment, reasons=list(reasons), detail=detail)


def settle(comment: Comment) -> bool:
    """The comment no longer waits; tell whether it did. ``set_state`` calls this."""
    waiting = Hold.objects.waiting().filter(comment=comment)
    return waiting.update(settled_at=timezone.now()) > 0


def reopen(comment: Comment) -> Hold:
    """It waits again, for the reasons it waited before: the writer brought the words back."""
    newest = comment.holds.order_by("-pk").first()
    if newest is None:
        return hold(comment, [Hold.Reason.MODERATOR])
    return hold(comment, newest.reasons, newest.detail)


def hold_member(member, *, by=None) -> bool:
    """Everything the member writes from now on waits; tell whether that is new."""
    _, is_new = MemberHold.objects.get_or_create(member=member, defaults={"by": by})
    return is_new


def release_member(member) -> bool:
    """What the member writes from now on goes by the common rules; tell whether it did not."""
    return MemberHold.objects.filter(member=member).delete()[0] > 0


def is_on_hold(member) -> bool:
    return MemberHold.objects.filter(pk=member.pk).exists()


def trust(member, *, since=None) -> bool:
    """What the member writes shows at once; tell whether that is new."""
    since = since or timezone.now()
    changed = type(member).objects.filter(pk=member.pk, trusted_at=None).update(trusted_at=since)
    member.trusted_at = member.trusted_at or since
    return changed > 0


def untrust(member) -> bool:
    everyone = type(member).objects.filter(pk=member.pk, trusted_at__isnull=False)
    member.trusted_at = None
    return everyone.update(trusted_at=None) > 0

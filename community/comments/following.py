"""Following and muting. A pair of verbs each; safe to repeat."""

from django.utils import timezone

from community.members.models import Member

from .models import Follow


def follow(member, *, article=None, thread_id=None) -> bool:
    _, is_new = Follow.objects.update_or_create(
        member=member, article=article, thread_id=thread_id, defaults={"muted_at": None}
    )
    return is_new


def unfollow(member, *, article=None, thread_id=None) -> bool:
    gone, _ = Follow.objects.filter(
        member=member, article=article, thread_id=thread_id, muted_at=None
    ).delete()
    return gone > 0


def toggle(member, **what) -> bool:
    """Follow, or stop; tell whether it is followed now."""
    if unfollow(member, **what):
        return False
    follow(member, **what)
    return True


def mute(member_id: int, thread_id: int) -> bool:
    """No notice and no mail about this thread any more, replies to oneself included.

    The link in a mail outlives the account: then there is nobody to tell, and nothing to keep.
    """
    if not Member.objects.filter(pk=member_id).exists():
        return False
    row, is_new = Follow.objects.get_or_create(
        member_id=member_id,
        article=None,
        thread_id=thread_id,
        defaults={"muted_at": timezone.now()},
    )
    if is_new or row.muted_at:
        return is_new
    Follow.objects.filter(pk=row.pk).update(muted_at=timezone.now())
    return True


def unmute(member_id: int, thread_id: int) -> bool:
    gone, _ = Follow.objects.filter(
        member_id=member_id, thread_id=thread_id, muted_at__isnull=False
    ).delete()
    return gone > 0


def followed_threads(member, thread_ids) -> set[int]:
    mine = Follow.objects.filter(member=member, thread__in=thread_ids, muted_at=None)
    return set(mine.values_list("thread_id", flat=True))


def is_following(member, article) -> bool:
    return Follow.objects.filter(member=member, article=article, muted_at=None).exists()

"""What is forgotten, and when. Safe to repeat; ``dry_run`` only counts."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from . import drafts
from .models import Comment, CommentVersion, LastVisit, Notice

KEEP_DELETED_WORDS = timedelta(days=30)  # a report may still need them
KEEP_VISITS = timedelta(days=365)
KEEP_NOTICES = timedelta(days=365)


def forget(*, dry_run=False) -> dict[str, int]:
    now = timezone.now()
    visits = LastVisit.objects.filter(at__lt=now - KEEP_VISITS)
    notices = Notice.objects.filter(at__lt=now - KEEP_NOTICES)
    return {
        "drafts": drafts.forget_old(dry_run=dry_run),
        "visits": visits.count() if dry_run else visits.delete()[0],
        "notices": notices.count() if dry_run else notices.delete()[0],
        "deleted words": _forget_deleted_words(now, dry_run),
    }


@transaction.atomic
def _forget_deleted_words(now, dry_run) -> int:
    old = Comment.objects.filter(
        state=Comment.State.DELETED, state_at__lt=now - KEEP_DELETED_WORDS
    ).exclude(source="")
    if dry_run:
        return old.count()
    CommentVersion.objects.filter(comment__in=old).delete()
    return old.update(source="", html="", content_note="")

"""What is forgotten, and when. Safe to repeat; ``dry_run`` only counts."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from . import drafts
from .models import Comment, CommentVersion, Hold, LastVisit, Notice, Report

KEEP_DELETED_WORDS = timedelta(days=30)  # a report may still need them
KEEP_VISITS = timedelta(days=365)
KEEP_NOTICES = timedelta(days=365)
# The report page and the mail with the outcome say so.
KEEP_REPORTERS = timedelta(days=30)
KEEP_REPORT_WORDS = timedelta(days=180)


def forget(*, dry_run=False) -> dict[str, int]:
    now = timezone.now()
    visits = LastVisit.objects.filter(at__lt=now - KEEP_VISITS)
    notices = Notice.objects.filter(at__lt=now - KEEP_NOTICES)
    return {
        "drafts": drafts.forget_old(dry_run=dry_run),
        "visits": visits.count() if dry_run else visits.delete()[0],
        "notices": notices.count() if dry_run else notices.delete()[0],
        "addresses of reporters": _forget_reporters(now, dry_run),
        "words of reports": _forget_report_words(now, dry_run),
        "deleted words": _forget_deleted_words(now, dry_run),
    }


def _forget_reporters(now, dry_run) -> int:
    old = Report.objects.filter(settled_at__lt=now - KEEP_REPORTERS).exclude(reporter_email="")
    return old.count() if dry_run else old.update(reporter_email="")


def _forget_report_words(now, dry_run) -> int:
    old = Report.objects.filter(settled_at__lt=now - KEEP_REPORT_WORDS).exclude(words="")
    return old.count() if dry_run else old.update(words="")


@transaction.atomic
def _forget_deleted_words(now, dry_run) -> int:
    old = Comment.objects.filter(
        state=Comment.State.DELETED, state_at__lt=now - KEEP_DELETED_WORDS
    ).exclude(source="")
    if dry_run:
        return old.count()
    CommentVersion.objects.filter(comment__in=old).delete()
    Hold.objects.filter(comment__in=old).update(detail="")
    return old.update(source="", html="", content_note="")

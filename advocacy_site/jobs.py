"""What the project itself forgets."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from . import ratelimits
from .backups import making
from .models import RateLimitCount
from .schedule import every

KEEP_DONE_TASKS = timedelta(days=1)
KEEP_FAILED_TASKS = timedelta(days=30)  # somebody should look at them first


@every(hours=1)
def forget_rate_limits(*, dry_run=False):
    """Delete the counts of limits whose window is over."""
    if dry_run:
        count = RateLimitCount.objects.filter(expires_at__lt=timezone.now()).count()
    else:
        count = ratelimits.forget_expired()
    return f"Counts: {count}."


@every(days=1)
def forget_sessions(*, dry_run=False):
    """Delete sessions that have expired."""
    old = Session.objects.filter(expire_date__lt=timezone.now())
    return f"Sessions: {old.count() if dry_run else old.delete()[0]}."


@every(hours=1)
def forget_finished_tasks(*, dry_run=False):
    """Delete tasks that went well a day ago and those that failed 30 days ago."""
    now = timezone.now()
    old = DBTaskResult.objects.filter(
        Q(status="SUCCESSFUL", finished_at__lt=now - KEEP_DONE_TASKS)
        | Q(status="FAILED", finished_at__lt=now - KEEP_FAILED_TASKS)
    )
    return f"Tasks: {old.count() if dry_run else old.delete()[0]}."


@every(days=1, limit_minutes=180)
def back_up():
    """Make a backup in BACKUP_FOLDER and keep the newest ten there."""
    if settings.BACKUP_FOLDER is None:
        return "BACKUP_FOLDER is not set."
    place = making.make(settings.BACKUP_FOLDER)
    making.forget_old(settings.BACKUP_FOLDER, settings.BACKUPS_KEPT)
    return f"Made: {place.name}."

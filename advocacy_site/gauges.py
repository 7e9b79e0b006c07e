"""What the project itself tells Prometheus."""

from datetime import timedelta

from django.db.models import Min
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from .metrics import gauge
from .models import Worker
from .schedule.listing import scheduled

ALIVE_WITHIN = timedelta(minutes=1)


@gauge("tasks_waiting", "Tasks that wait for a worker and are due")
def tasks_waiting():
    return DBTaskResult.objects.ready().count()


@gauge("oldest_task_seconds", "How long the oldest of them has been due")
def oldest_task_seconds():
    """Tasks to be run at once carry a moment far away: their own begin counts."""
    ready = DBTaskResult.objects.ready()
    at_once = ready.filter(run_after=get_date_max()).aggregate(at=Min("enqueued_at"))["at"]
    later = ready.exclude(run_after=get_date_max()).aggregate(at=Min("run_after"))["at"]
    since = min(filter(None, [at_once, later]), default=None)
    return max(0, (timezone.now() - since).total_seconds()) if since else 0


@gauge("tasks_failed", "Tasks that failed for good and are still kept")
def tasks_failed():
    return DBTaskResult.objects.failed().count()


@gauge("jobs_overdue", "Jobs of the schedule that should have begun long ago")
def jobs_overdue():
    return sum(row.is_overdue for row in scheduled())


@gauge("jobs_failing", "Jobs of the schedule whose last run failed")
def jobs_failing():
    return sum(row.failures > 0 for row in scheduled())


@gauge("workers", "Workers that gave a sign of life within a minute")
def workers():
    return Worker.objects.filter(seen_at__gt=timezone.now() - ALIVE_WITHIN).count()

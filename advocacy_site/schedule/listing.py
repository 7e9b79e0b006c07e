"""The schedule in sentences, for ``manage.py jobs`` and ``manage.py doctor``."""

from datetime import timedelta

from django.utils import timezone

from advocacy_site.models import ScheduledJob

from . import all_jobs

UNITS = [("week", 7 * 86400), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)]


def scheduled() -> list[ScheduledJob]:
    """The rows of the jobs that the code knows; none before a worker first started."""
    return list(ScheduledJob.objects.filter(name__in=all_jobs()))


def in_words(duration: timedelta) -> str:
    """ "5 minutes", rounded down to its largest unit."""
    seconds = max(0, int(duration.total_seconds()))
    for unit, size in UNITS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "less than a second"


def how_often(every: timedelta) -> str:
    words = in_words(every)
    return f"every {words[2:] if words.startswith('1 ') else words}"


def sentences(row: ScheduledJob) -> str:
    """One job: how often, how it went, and when it runs again."""
    return " ".join(
        [f"{how_often(row.every).capitalize()}.", last_run(row), next_run(row, timezone.now())]
    )


def last_run(row: ScheduledJob) -> str:
    if row.finished_at is None:
        return "It has not run yet."
    ago = in_words(timezone.now() - row.finished_at)
    took = f"{row.seconds:.1f} s"
    if row.outcome == ScheduledJob.Outcome.DONE:
        return f"It ran {ago} ago and took {took}." + (f" {row.words}" if row.words else "")
    times = "once" if row.failures == 1 else f"{row.failures} times in a row"
    return f"IT FAILED {ago} ago, {times}: {row.words}."


def next_run(row: ScheduledJob, now) -> str:
    if row.claimed_by:
        return f"It has been running for {in_words(now - row.started_at)}."
    if row.is_overdue:
        return f"IT IS OVERDUE by {in_words(now - row.next_at)}: is manage.py worker running?"
    return f"It runs again in {in_words(row.next_at - now)}." if row.next_at > now else "It is due."

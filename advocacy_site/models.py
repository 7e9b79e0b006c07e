"""The tables of the project itself: limits, the schedule, and the workers that are alive."""

from datetime import timedelta

from django.db import models
from django.utils import timezone


class RateLimitCount(models.Model):
    """How often a limited deed was done in one window of time, by a key that says nothing.

    ``key`` is a keyed hash of the limit, the window and who did it: without the site's
    secret nobody can tell from it who that was, and it is deleted when its window is over.
    """

    key = models.BinaryField(max_length=32, primary_key=True)
    count = models.PositiveIntegerField(default=1)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self):
        return f"{self.count} until {self.expires_at:%H:%M}"


class ScheduledJob(models.Model):
    """One line of the schedule: when the job runs next, and how it went last time.

    The row is made from the code (``advocacy_site.schedule``) when a worker starts, and every
    moment in it is the database's own.
    """

    class Outcome(models.TextChoices):
        NONE = "", "has not run yet"
        DONE = "done", "went well"
        FAILED = "failed", "failed"

    name = models.CharField(max_length=100, primary_key=True)
    every = models.DurationField()
    next_at = models.DateTimeField()
    # The worker that runs it now; empty: nobody.
    claimed_by = models.CharField(max_length=32, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True, help_text="When it last went well.")
    seconds = models.FloatField(default=0)
    outcome = models.CharField(max_length=6, choices=Outcome, blank=True)
    # What the job said, or what went wrong.
    words = models.CharField(max_length=500, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    @property
    def is_overdue(self) -> bool:
        """It should have begun long ago, so nothing runs the schedule."""
        patience = max(min(self.every, timedelta(hours=1)), timedelta(minutes=3))
        return not self.claimed_by and self.next_at + patience < timezone.now()


class Worker(models.Model):
    """A worker that was alive when ``beats`` last grew. Its row goes when it ends."""

    id = models.CharField(max_length=32, primary_key=True)
    machine = models.CharField(max_length=100)
    pid = models.PositiveIntegerField()
    beats = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["started_at"]

    def __str__(self):
        return f"{self.machine}, process {self.pid}"

"""A letter, and one row for each person it goes to."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from community.policies.models import PolicyVersion

from .subscriber import Choice, Subscriber


class IssueQuerySet(models.QuerySet):
    def due(self):
        """Scheduled and its minute has come (by the database's clock), or under way."""
        return self.filter(
            Q(state=Issue.State.SENDING) | Q(state=Issue.State.SCHEDULED, scheduled_for__lte=Now())
        )

    def public(self):
        """Letters anyone may read on the site: those that went out or are going. Not one that
        an editor held or stopped: most likely its words are the reason."""
        return self.filter(in_archive=True, state__in=[Issue.State.SENDING, Issue.State.SENT])

    def newest_first(self):
        """By when they went out: one may lie as a draft while others are written and sent."""
        return self.order_by("-started_at", "-pk")

    def older_than(self, issue):
        return self.filter(
            Q(started_at__lt=issue.started_at) | Q(started_at=issue.started_at, pk__lt=issue.pk)
        )


class Issue(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SCHEDULED = "scheduled", "Scheduled"
        SENDING = "sending", "Being sent"
        PAUSED = "paused", "Held"
        STOPPED = "stopped", "Stopped for good"
        SENT = "sent", "Sent"

    kind = models.CharField(
        "goes to those who asked for",
        max_length=10,
        choices=Choice,
        default=Choice.LETTER,
    )
    subject = models.CharField(max_length=120)
    discreet_subject = models.CharField(
        max_length=120,
        default="Your letter from us",
        help_text="For those who asked that no subject says anything about health.",
    )
    opening = models.CharField(
        max_length=200,
        blank=True,
        help_text="One line that mail programs show beside the subject."
        " Left out for those who chose discreet subjects.",
    )
    body = models.TextField(
        help_text="Markdown. A line of its own brings a card: [[article:slug]], "
        "[[conversation:slug of the article]], [[poll:slug]]."
    )
    in_archive = models.BooleanField(
        "keep in the archive on the site", default=True, help_text="And in the feed of letters."
    )

    # Not a letter but the one notice about a posted text that changes: it goes to everyone
    # whose confirmation stands, whatever she chose. Unique, so it can be made only once.
    about = models.OneToOneField(
        PolicyVersion, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, editable=False)
    scheduled_for = models.DateTimeField(null=True, blank=True, editable=False)
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)
    held_because = models.CharField(max_length=300, blank=True, editable=False)
    # A hold lifted by an editor: errors before it do not hold the letter again.
    resumed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )

    objects = IssueQuerySet.as_manager()

    class Meta:
        verbose_name = "letter"
        ordering = ["-created_at", "-pk"]
        permissions = [("send_issue", "Can send letters")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(scheduled_for__isnull=False),
                name="issue_scheduled_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "scheduled", "stopped"])
                | Q(started_at__isnull=False),
                name="issue_under_way_was_started",
            ),
        ]

    def __str__(self):
        return self.subject

    def get_absolute_url(self):
        return reverse("newsletter:letter", args=[self.pk])

    @property
    def wanted_sql(self) -> str:
        """Who asked for such mail, about the subscriber ``s``: constants of ours, never words
        from outside."""
        return "TRUE" if self.about_id else f"s.{Choice(self.kind).field}"

    @property
    def may_change(self) -> bool:
        """Words are fixed when the first mail may have left."""
        return self.state in {self.State.DRAFT, self.State.SCHEDULED}


class Delivery(models.Model):
    """One letter to one person. Unique, so nobody can be written to twice."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        CLAIMED = "claimed", "Taken by a worker"
        BEGUN = "begun", "In flight"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        SKIPPED = "skipped", "Left out: she stopped or paused meanwhile"
        DOUBTFUL = "doubtful", "In doubt"

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="deliveries")
    # Emptied when she asks us to forget her; the row stays for the count.
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.SET_NULL, null=True, related_name="deliveries"
    )
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    try_after = models.DateTimeField(default=timezone.now)
    worker = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    answer = models.CharField("what the mail server said", max_length=300, blank=True)
    complained_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["issue", "subscriber"], name="delivery_once"),
        ]
        indexes = [
            models.Index(
                F("issue"),
                F("try_after"),
                F("id"),
                name="delivery_waiting",
                condition=Q(state="waiting"),
            ),
            models.Index(
                F("issue"),
                F("claimed_at"),
                name="delivery_in_hand",
                condition=Q(state__in=["claimed", "begun"]),
            ),
            models.Index(
                F("issue"),
                F("done_at").desc(),
                name="delivery_done",
                condition=Q(done_at__isnull=False),
            ),
            models.Index(
                F("issue"), name="delivery_unwanted", condition=Q(complained_at__isnull=False)
            ),
        ]

    def __str__(self):
        return f"Delivery {self.pk}"


class WorkerMark(models.Model):
    """A worker's word that its notes are complete. In an UNLOGGED table: Postgres empties it in
    just those events that may lose notes, see ``ledger``."""

    worker = models.UUIDField(primary_key=True)
    at = models.DateTimeField(db_default=Now())

    def __str__(self):
        return f"Mark of {self.worker}"

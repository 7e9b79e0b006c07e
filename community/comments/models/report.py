"""What somebody, with or without an account, told the moderators about a comment or a member."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .comment import Comment

MOST_WORDS = 500
MOST_OUTCOME = 1000


class ReportQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(settled_at=None)

    def worried(self):
        """Those that go before everything else."""
        return self.filter(reason=Report.Reason.WORRIED)


class Report(models.Model):
    """The writer of the comment is never told who; only staff may read any of this."""

    class Reason(models.TextChoices):
        ADVICE = "advice", "It gives medical advice or promises a cure"
        SELLING = "selling", "It sells or raises funds"
        UNKIND = "unkind", "It is unkind, hateful or threatening"
        PRIVATE = "private", "It shares private details"
        WORRIED = "worried", "I am worried about this person"
        SPAM = "spam", "It is spam"
        OTHER = "other", "Something else"
        LISTED = "listed", "It has a word that is on the list"  # said by the list, by nobody else

    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="reports"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="reports_about",
    )
    reason = models.CharField(max_length=8, choices=Reason)
    words = models.CharField(max_length=MOST_WORDS, blank=True)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reports_made",
    )
    # A guest's way to hear the outcome; forgotten 30 days after it (retention.py).
    reporter_email = models.EmailField(blank=True)
    # Whether a member asked to hear the outcome by mail.
    wants_mail = models.BooleanField(default=False)
    # A keyed hash of who reports what, so that the same report twice is one; emptied with the
    # outcome. No address of a machine can be read from it.
    key = models.BinaryField(max_length=32, null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(
        max_length=MOST_OUTCOME, blank=True, help_text="The sentence for who reported it."
    )
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(comment__isnull=False) ^ Q(member__isnull=False),
                name="report_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(
                    reason__in=[
                        "advice", "selling", "unkind", "private", "worried", "spam", "other",
                        "listed",
                    ]
                ),
                name="report_reason_is_known",
            ),
            models.UniqueConstraint(
                fields=["key"], condition=Q(settled_at=None), name="report_once_while_it_waits"
            ),
            models.CheckConstraint(
                condition=Q(reporter=None) | Q(reporter_email=""),
                name="report_by_a_member_keeps_no_address",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["reason", "created_at", "id"],
                name="report_waiting",
                condition=Q(settled_at=None),
            ),
            models.Index(
                fields=["settled_at"],
                name="report_address_to_forget",
                condition=~Q(reporter_email=""),
            ),
            models.Index(fields=["reporter", "-id"], name="report_by_member"),
        ]

    def __str__(self):
        return f"Report {self.pk}: {self.get_reason_display()}"

    @property
    def is_worried(self) -> bool:
        """Whether it goes before everything else."""
        return self.reason == self.Reason.WORRIED

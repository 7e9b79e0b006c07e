"""Why a comment waits for a moderator, and members whose every comment waits."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .comment import Comment


class HoldQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(settled_at=None)


class Hold(models.Model):
    """One time that a comment waits. It leaves the line when a moderator decides, or when the
    writer takes the words back.
    """

    class Reason(models.TextChoices):
        FIRST = "first", "one of the first comments of a new member"
        LINK = "link", "has a link"
        CONTACT = "contact", "has a contact detail"
        LISTED = "listed", "has a listed word"
        REPEATED = "repeated", "says the same thing again"
        MANY = "many", "many comments in a short time"
        MEMBER = "member", "everything by this member waits"
        REPORTED = "reported", "changed after a report"
        PROGRAM = "program", "looks as if a program sent it"
        MODERATOR = "moderator", "a moderator put it back in the line"

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="holds")
    reasons = ArrayField(models.CharField(max_length=9, choices=Reason))
    detail = models.TextField(
        blank=True, help_text="For moderators: which word, which shape. Readers never see it."
    )
    made_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["comment"], condition=Q(settled_at=None), name="hold_waits_once"
            ),
            models.CheckConstraint(condition=Q(reasons__len__gte=1), name="hold_has_a_reason"),
            models.CheckConstraint(
                # Spelled out: a class body cannot see its neighbor.
                condition=Q(
                    reasons__contained_by=[
                        "first", "link", "contact", "listed", "repeated", "many", "member",
                        "reported", "program", "moderator",
                    ]
                ),
                name="hold_reasons_are_known",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["made_at", "id"], name="hold_waiting", condition=Q(settled_at=None)
            ),
            models.Index(fields=["comment", "-id"], name="hold_of_comment"),
        ]

    def __str__(self):
        return f"Hold of comment {self.comment_id}"

    @property
    def in_words(self) -> list[str]:
        return [self.Reason(reason).label for reason in self.reasons]


class MemberHold(models.Model):
    """Everything this member writes waits for a moderator, until the row is taken away."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="comment_hold",
    )
    since = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "member whose comments wait"
        verbose_name_plural = "members whose comments wait"

    def __str__(self):
        return f"Everything by member {self.pk} waits"

"""What moderators keep for each other: who looks at what, who asked, notes, replies, the rota."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from community.comments.models import Comment

from .act import What


class Looking(models.Model):
    """Who has an item open now. Kept a day at most."""

    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "moderator"], name="looking_once")
        ]
        indexes = [models.Index(fields=["seen_at"], name="looking_age")]

    def __str__(self):
        return f"{self.moderator_id} looks at comment {self.comment_id}"


class Request(models.Model):
    """A moderator asks another to look, or hands an item over. Open until it is decided."""

    class Kind(models.TextChoices):
        HELP = "help", "asks another moderator"
        OVER = "over", "handed it over"

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=4, choices=Kind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    words = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["comment"], name="request_open", condition=Q(settled_at=None))
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: comment {self.comment_id}"


class StaffNote(models.Model):
    """What moderators should know about a member. She never sees it; it goes when she goes."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    words = models.CharField(max_length=1000)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["member", "-id"], name="staff_note_of_member")]

    def __str__(self):
        return f"Note on member {self.member_id}"


class StockReply(models.Model):
    title = models.CharField(max_length=80, help_text="For moderators, in the list of replies.")
    what = models.CharField(
        "for",
        max_length=10,
        choices=What,
        blank=True,
        help_text="The decision it goes with. Empty: any.",
    )
    country = models.CharField(
        max_length=40, blank=True, help_text="For crisis lines: where they answer."
    )
    words = models.TextField(
        help_text="Moderators can change every word before sending. What was done, the rule and"
        " the way to appeal are added by themselves."
    )
    is_crisis = models.BooleanField(
        "for someone who may be in danger",
        default=False,
        help_text="Offered first when somebody is worried. Check the numbers twice a year.",
    )
    checked_on = models.DateField(null=True, blank=True, help_text="When the numbers were checked.")

    class Meta:
        verbose_name_plural = "stock replies"
        ordering = ["-is_crisis", "country", "title"]

    def __str__(self):
        return f"{self.title} ({self.country})" if self.country else self.title


class Shift(models.Model):
    """Who is on duty when. Nobody on the rota: all moderators are."""

    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("starts_at")),
                name="shift_ends_after_it_starts",
                violation_error_message="A shift ends after it starts.",
            )
        ]

    def __str__(self):
        return f"{self.moderator}, {timezone.localtime(self.starts_at):%B %-d, %H:%M}"


class HandOver(models.Model):
    """What the next one should know, at the end of a shift."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    words = models.CharField(max_length=1000)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"Hand-over of {self.at:%Y-%m-%d}"

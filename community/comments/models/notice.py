"""What a member hears about: what is followed, what was told, and how mail may come."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from articles.models import Article

from .comment import Comment


class Follow(models.Model):
    """Follows an article or a thread; or, muted, wants to hear nothing of it."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows"
    )
    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, null=True, blank=True, related_name="follows"
    )
    thread = models.ForeignKey(
        Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="follows"
    )
    muted_at = models.DateTimeField(null=True, blank=True)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(article__isnull=False) ^ Q(thread__isnull=False),
                name="follow_is_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["member", "article", "thread"], nulls_distinct=False, name="follow_once"
            ),
        ]

    def __str__(self):
        return f"{'Mutes' if self.muted_at else 'Follows'} {self.article_id or self.thread_id}"


class Notice(models.Model):
    class Kind(models.TextChoices):
        REPLY = "reply", "replied to you"
        THREAD = "thread", "wrote in a conversation you follow"
        ARTICLE = "article", "wrote under an article you follow"

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "comment"], name="notice_once")]
        indexes = [
            models.Index(fields=["member", "-id"], name="notice_newest"),
            models.Index(fields=["member"], name="notice_to_mail", condition=Q(mailed_at=None)),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: comment {self.comment_id}"


class NoticeSettings(models.Model):
    """Mail is off until chosen: no row means off."""

    class Mail(models.TextChoices):
        OFF = "off", "No mail. I look here when I want to"
        AT_ONCE = "at-once", "When it happens, outside quiet hours"
        DAILY = "daily", "Once a day"
        WEEKLY = "weekly", "Once a week"

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="notice_settings",
    )
    mail = models.CharField("mail about replies", max_length=7, choices=Mail, default=Mail.OFF)
    quiet_from = models.PositiveSmallIntegerField("quiet from", default=20)
    quiet_to = models.PositiveSmallIntegerField("until", default=8)
    time_zone = models.CharField("your time zone", max_length=40, default="America/New_York")
    mailed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__lte=23, quiet_to__lte=23), name="quiet_hours_are_hours"
            )
        ]

    def __str__(self):
        return self.get_mail_display()

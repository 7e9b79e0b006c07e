"""What the editors' desk remembers about work under way."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .article import Article


class UnsavedWords(models.Model):
    """A form as its editor last left it, before she saved it. Gone with its next save.

    ``fields`` is the posted form: ``{"title": ["..."], "topics": ["3", "5"], ...}``.
    ``key`` tells which form: one article may be open in two tabs, two new ones may be begun at
    once, and nothing typed in one takes the place of what was typed in the other.
    """

    article = models.ForeignKey(Article, on_delete=models.CASCADE, null=True, related_name="+")
    editor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=32, blank=True, default="")
    fields = models.JSONField()
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "editor", "key"], name="unsaved_words_once"),
            models.UniqueConstraint(
                fields=["editor", "key"],
                condition=Q(article=None),
                name="unsaved_new_article_once",
            ),
        ]

    def __str__(self):
        return f"Unsaved words of {self.editor}"


class Presence(models.Model):
    """Who has an article open. It lapses by the clock; see presence.py."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    editor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "editor"], name="presence_once"),
        ]

    def __str__(self):
        return f"{self.editor} at {self.article}"


class AuditEntry(models.Model):
    """Who did what to which article, and when. The database refuses any later change."""

    class Deed(models.TextChoices):
        SUBMITTED = "submitted", "Submitted for review"
        SENT_BACK = "sent-back", "Sent back"
        PUBLISHED = "published", "Published"
        SCHEDULED = "scheduled", "Scheduled"
        CANCELLED = "cancelled", "Cancelled a schedule"
        TOOK_EFFECT = "took-effect", "Schedule took effect"
        FAILED = "failed", "Schedule failed"
        WITHDREW = "withdrew", "Withdrew"
        BROUGHT_BACK = "brought-back", "Undid the withdrawal"
        RESTORED = "restored", "Restored an earlier revision"
        DUPLICATED = "duplicated", "Duplicated"
        IMPORTED = "imported", "Imported"
        DELETED = "deleted", "Deleted"

    article = models.ForeignKey(
        Article, on_delete=models.SET_NULL, null=True, related_name="audit_entries"
    )
    title = models.CharField(max_length=120, help_text="As it was called then.")
    deed = models.CharField(max_length=12, choices=Deed)
    revision = models.PositiveIntegerField(null=True)
    detail = models.CharField(max_length=1000, blank=True)
    # What a withdrawal took off, for its undo: ``{"next_at", "next_revision", "withdraw_at",
    # "reason"}``, each only if there was one.
    took_off = models.JSONField(null=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "log entry"
        verbose_name_plural = "log entries"
        indexes = [models.Index(fields=["-at", "-id"], name="audit_newest_first")]

    def __str__(self):
        return f"{self.get_deed_display()}: {self.title}"


class SourceCheck(models.Model):
    """Whether an address that an article names still answered when it was last asked."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="source_checks")
    address = models.CharField(max_length=2000)
    checked_at = models.DateTimeField()
    problem = models.CharField(max_length=200, blank=True, help_text="Empty: it answered.")
    failing_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "address"], name="source_check_once"),
            models.CheckConstraint(
                condition=Q(problem="", failing_since=None)
                | ~Q(problem="") & Q(failing_since__isnull=False),
                name="source_check_fails_since_a_moment",
            ),
        ]

    def __str__(self):
        return self.address


class MissedSearch(models.Model):
    """Words that found nothing, with how often and the day; never who."""

    words = models.CharField(max_length=200, unique=True)
    times = models.PositiveIntegerField(default=1)
    last_on = models.DateField()

    class Meta:
        ordering = ["-times", "words"]
        verbose_name = "search that found nothing"
        verbose_name_plural = "searches that found nothing"

    def __str__(self):
        return self.words

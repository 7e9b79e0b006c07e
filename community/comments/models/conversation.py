"""Whether people may write: under one article, and on the whole site."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from articles.models import Article


class Conversation(models.Model):
    """What the conversation keeps about an article, which knows nothing of conversations."""

    article = models.OneToOneField(
        Article, on_delete=models.CASCADE, primary_key=True, related_name="conversation"
    )
    comments_close_at = models.DateTimeField(
        null=True, blank=True, help_text="From this minute nobody can add a comment. Empty: never."
    )
    closed_because = models.CharField(
        max_length=200,
        blank=True,
        help_text="One sentence for readers. Empty: a plain one with the date.",
    )
    # About the newest comment: orders the list of conversations, never wrong by more than the
    # comments that were posted in the same instant (writing.note_the_latest).
    latest_id = models.BigIntegerField(null=True, editable=False)
    latest_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["-latest_id"], name="conversation_latest", condition=Q(latest_id__gt=0)
            )
        ]

    def __str__(self):
        return f"Conversation on {self.article}"

    @property
    def is_closed(self) -> bool:
        return bool(self.comments_close_at and self.comments_close_at <= timezone.now())


class ConversationSwitch(models.Model):
    """Closes every conversation at once. One row at most."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    closed_at = models.DateTimeField(
        null=True, blank=True, help_text="Empty: people may write. Reading is always open."
    )
    sentence = models.CharField(
        max_length=200,
        default="Comments are closed on the whole site for now. You can still read them.",
        help_text="What people read in place of the box.",
    )

    class Meta:
        verbose_name = "switch for the whole site"
        verbose_name_plural = "switch for the whole site"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="conversation_switch_is_one_row")
        ]

    def __str__(self):
        return "Closed" if self.closed_at else "Open"

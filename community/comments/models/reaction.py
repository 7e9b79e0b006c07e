from django.conf import settings
from django.db import models
from django.utils import timezone

from .comment import Comment


class Reaction(models.Model):
    """One press of kindness. How many there are is told to the writer of the comment alone."""

    class Kind(models.TextChoices):
        HERE = "here", "I’m here too"
        THANKS = "thanks", "Thank you"

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="reactions")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reactions"
    )
    kind = models.CharField(max_length=6, choices=Kind)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "member", "kind"], name="reaction_once")
        ]

    def __str__(self):
        return f"{self.get_kind_display()} on comment {self.comment_id}"

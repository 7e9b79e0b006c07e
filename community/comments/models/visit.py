from django.conf import settings
from django.db import models
from django.utils import timezone

from articles.models import Article


class LastVisit(models.Model):
    """Up to where a member has seen a conversation. Kept a year; shown to nobody else.

    ``new_after`` is what the marks of this visit compare with, ``seen_to`` becomes it when the
    next visit begins: loading the page again does not wipe the marks away.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversation_visits"
    )
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    new_after = models.BigIntegerField(default=0)
    seen_to = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "article"], name="last_visit_once")
        ]
        indexes = [models.Index(fields=["at"], name="last_visit_age")]

    def __str__(self):
        return f"Visit to article {self.article_id}"

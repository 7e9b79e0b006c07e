"""What one member chose about another."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Ignore(models.Model):
    """``member`` chose not to see what ``ignored`` writes. The other is never told."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ignores"
    )
    ignored = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "ignored"], name="ignore_once"),
            models.CheckConstraint(condition=~Q(member=F("ignored")), name="ignore_not_oneself"),
        ]

    def __str__(self):
        return f"{self.member_id} ignores {self.ignored_id}"


class HiddenTopic(models.Model):
    """A topic a member chose not to meet in lists. By its slug: members is below articles
    and knows nothing of them."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="hidden_topics"
    )
    slug = models.SlugField(max_length=80)

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(fields=["member", "slug"], name="hidden_topic_once"),
        ]

    def __str__(self):
        return self.slug

"""Words that are not posted yet. Kept 30 days for members, 2 for people who have yet to sign in."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from articles.models import Article
from community.policies.models import PolicyVersion

from .comment import Comment


class Draft(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="comment_drafts",
    )
    # A hash of what the writer's cookie holds: a copy of the database opens no draft.
    key = models.BinaryField(max_length=32, null=True)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    parent = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, related_name="+")
    source = models.TextField()
    content_note = models.CharField(max_length=80, blank=True)
    rules = models.ForeignKey(PolicyVersion, on_delete=models.SET_NULL, null=True, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(member__isnull=False) ^ Q(key__isnull=False),
                name="draft_has_one_kind_of_owner",
            ),
            models.UniqueConstraint(
                fields=["member", "article", "parent"],
                condition=Q(member__isnull=False),
                nulls_distinct=False,
                name="draft_once_per_place",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-saved_at"], name="draft_of_member"),
            models.Index(fields=["saved_at"], name="draft_age"),
        ]

    def __str__(self):
        return f"Draft {self.pk}"

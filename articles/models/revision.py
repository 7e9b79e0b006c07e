"""Every save of an article, in full, for good."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .article import Article


class RevisionQuerySet(models.QuerySet):
    def working(self, article) -> "Revision | None":
        """The newest one that was not set aside: what the editor works on."""
        return self.filter(article=article, is_aside=False).order_by("-number").first()


class Revision(models.Model):
    """``content`` holds every field a person writes; revisions.py gives its shape.

    The database refuses to change a revision (migration 0003). One that was saved over a newer
    save is kept aside: in the history, readable and restorable, but not what is worked on.
    """

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    restored_from = models.PositiveIntegerField(null=True, blank=True)
    is_aside = models.BooleanField(default=False)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["article", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="revision_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="revision_from_one"),
        ]

    def __str__(self):
        return f"{self.article}, revision {self.number}"

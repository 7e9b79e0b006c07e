from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .act import ModerationAct


class Appeal(models.Model):
    """A member's one answer to a decision. Who decided it cannot read it: the answer is an act
    (``ModerationAct.answers``) and the database refuses one by the same moderator.
    """

    act = models.OneToOneField(
        ModerationAct, on_delete=models.PROTECT, primary_key=True, related_name="appeal"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="appeals"
    )
    words = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["made_at", "act"], name="appeal_line", condition=Q(settled_at=None)
            )
        ]

    def __str__(self):
        return f"Appeal against act {self.act_id}"

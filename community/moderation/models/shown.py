"""What moderators leave to be seen in a conversation."""

from django.db import models
from django.db.models import Q

from community.comments.models import Comment


class Mark(models.Model):
    """What stands under a comment. One row at most, asked for whenever its HTML is made."""

    comment = models.OneToOneField(
        Comment, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    # A detail was taken out because of this rule.
    detail_rule = models.PositiveSmallIntegerField(null=True)
    # A moderator's note, with its source.
    note = models.CharField(max_length=500, blank=True)
    # "This is not medical advice. Ask your team about …"
    ask_about = models.CharField(max_length=80, blank=True)
    source_title = models.CharField(max_length=160, blank=True)
    source_url = models.URLField(max_length=300, blank=True)
    # Of the first comment of a conversation: nobody can add a reply since then.
    locked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(source_url="") | Q(source_url__startswith="https://"),
                name="mark_source_is_a_web_address",
            ),
            models.CheckConstraint(
                condition=Q(source_url="") | ~Q(source_title=""), name="mark_source_has_a_title"
            ),
        ]

    def __str__(self):
        return f"Under comment {self.comment_id}"

    @property
    def has_note(self) -> bool:
        return bool(self.note or self.ask_about)

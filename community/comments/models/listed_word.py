"""Words that moderators keep a list of, and the number that says when the list changed."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ..matching import MOST_CHARACTERS, NotAnEntry, pattern_of


class ListedWord(models.Model):
    class Action(models.TextChoices):
        REFUSE = "refuse", "refuse: it cannot be posted, and the writer is told why"
        HOLD = "hold", "hold: it waits for a moderator"
        FLAG = "flag", "flag: it shows, and a moderator looks at it"

    text = models.CharField(
        "word or phrase",
        max_length=MOST_CHARACTERS,
        unique=True,
        help_text=(
            "Found as whole words, in capitals or not, with or without accents and look-alike"
            " letters. * stands for any letters: miracle* also finds miracles."
        ),
    )
    action = models.CharField("what happens", max_length=6, choices=Action, default=Action.HOLD)
    note = models.CharField(
        max_length=200, blank=True, help_text="For moderators: why it is on the list."
    )
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["text"]
        verbose_name = "listed word"
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=["refuse", "hold", "flag"]),
                name="listed_word_action_is_known",
            ),
        ]

    def __str__(self):
        return self.text

    def clean(self):
        try:
            pattern_of(self.text)
        except NotAnEntry as error:
            raise ValidationError({"text": str(error)}) from error


class WordListVersion(models.Model):
    """One row. A trigger gives it a new number with every change of the list."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    number = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="word_list_version_is_one_row")
        ]

    def __str__(self):
        return f"Word list {self.number}"

"""What a person was shown and what she did about it. Rows are only ever added."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from community.policies.models import PolicyVersion

from .subscriber import Choice, Subscriber


class ConsentRecord(models.Model):
    """One deed. The database refuses to change or delete it, except for erasing its person.

    The address of the machine is not kept: it would say where she was and prove nothing.
    """

    class Deed(models.TextChoices):
        ASKED = "asked", "Asked for emails"
        CONFIRMED = "confirmed", "Confirmed by the button in our email"
        CHANGED = "changed", "Changed what to get"
        WITHDRAWN = "withdrawn", "Stopped all emails"
        STARTED_AGAIN = "started-again", "Started again"

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="records")
    deed = models.CharField(max_length=14, choices=Deed)
    at = models.DateTimeField(db_default=Now())
    words = models.TextField("exact words shown")
    wording = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    privacy_policy = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    page = models.CharField(max_length=300, help_text="Where on the site it was done.")
    choices = ArrayField(models.CharField(max_length=10, choices=Choice), default=list)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.deed} at {self.at:%Y-%m-%d %H:%M}"

    @property
    def choice_labels(self) -> list[str]:
        return [Choice(choice).label for choice in self.choices]

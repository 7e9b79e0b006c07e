"""What is kept when someone says that a member has died."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class DeathReport(models.Model):
    """Somebody told us that a member has died. A person reads it; mail stopped already."""

    class Outcome(models.TextChoices):
        REMEMBERED = "remembered", "Remembered"
        MISTAKE = "mistake", "It was a mistake"
        UNKNOWN = "unknown", "We could not find out"
        ANSWERED = "answered", "No account: mail stopped, and the writer was answered"

    who = models.CharField(max_length=120)
    how_known = models.CharField(max_length=500)
    how_to_reach = models.CharField(max_length=200)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="death_reports",
    )
    at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(handled_at=None, outcome="")
                | (Q(handled_at__isnull=False) & ~Q(outcome="")),
                name="death_report_handled_has_outcome",
            ),
        ]

    def __str__(self):
        return f"About {self.who}"


class MemorialAct(models.Model):
    """Who set a member remembered or undid it, and when. Rows are only ever added."""

    class Verb(models.TextChoices):
        REMEMBERED = "remembered"
        UNDONE = "undone"

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memorial_acts"
    )
    verb = models.CharField(max_length=12, choices=Verb)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.verb} on {self.at:%Y-%m-%d}"

"""What was mailed to moderators, so that nothing goes out twice or not at all."""

from django.db import models
from django.utils import timezone

from community.comments.models import Report


class Alert(models.Model):
    """Moderators on duty were mailed about a report of somebody who is worried."""

    report = models.OneToOneField(
        Report, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    to = models.PositiveSmallIntegerField(help_text="How many it was mailed to.")

    def __str__(self):
        return f"Alert about report {self.report_id}"


class DigestDay(models.Model):
    """The digest of the queue went out on this day."""

    day = models.DateField(primary_key=True)

    def __str__(self):
        return f"{self.day}"

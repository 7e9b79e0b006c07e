"""Taking one's data along, and leaving."""

from django.conf import settings
from django.db import models


class Export(models.Model):
    """Everything the site knows about a member, in a zip made by the worker.

    Kept in the database, not in a folder: it goes with the account, is never served by
    anything but the one guarded view, and is deleted 48 hours after it was made.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports"
    )
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, db_index=True)
    archive = models.BinaryField(null=True)

    class Meta:
        ordering = ["-asked_at"]

    def __str__(self):
        return f"asked for on {self.asked_at:%Y-%m-%d}"


class WordsToRemove(models.Model):
    """One thing a member marked for removal when choosing one by one; ``key`` names it within
    the app that registered it (see personal_data.py)."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="words_to_remove"
    )
    part = models.CharField(max_length=30)
    key = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "part", "key"], name="words_to_remove_once"),
        ]

    def __str__(self):
        return f"{self.part} {self.key}"


class ClosedAccount(models.Model):
    """That an account was closed, on which day and with which choice. Not whose."""

    on = models.DateField()
    words = models.CharField(max_length=12)

    def __str__(self):
        return f"{self.on}: {self.words}"

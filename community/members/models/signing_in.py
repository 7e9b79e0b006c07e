"""Codes on their way by mail, and the browsers that are signed in."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

TRIES = 3  # enough for a slip of the hand; 27^8 codes make guessing hopeless


class EmailedCode(models.Model):
    """A code that was mailed and not used yet; deleted by its use and after its time.

    ``key`` is known to the one browser that asked (in its session), so nobody else can use
    up the tries. The code itself is kept as a keyed hash. Nothing else of a sign-up exists
    before its code is right: no account stands under an address nobody confirmed.
    """

    class Purpose(models.TextChoices):
        SIGN_IN = "sign-in"
        JOIN = "join"
        CHANGE_EMAIL_OLD = "change-old"
        CHANGE_EMAIL_NEW = "change-new"
        CONFIRM = "confirm"

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=12, choices=Purpose)
    email = models.EmailField()
    display_name = models.CharField(max_length=40, blank=True)
    rules = models.ForeignKey(
        "policies.PolicyVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    code_hash = models.BinaryField(max_length=32)
    tries_left = models.PositiveSmallIntegerField(default=TRIES)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(tries_left__lte=TRIES), name="code_tries_at_most"),
        ]

    def __str__(self):
        return f"{self.purpose} until {self.expires_at:%H:%M}"


class SignedInBrowser(models.Model):
    """One signed-in session, described so roughly that only its owner recognizes it.

    No address of a machine is kept, and "Firefox on Android" is all that stays of what the
    browser says about itself.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="browsers"
    )
    session_key = models.CharField(max_length=40, unique=True)
    description = models.CharField(max_length=60)
    signed_in_at = models.DateTimeField()

    class Meta:
        ordering = ["-signed_in_at"]

    def __str__(self):
        return self.description

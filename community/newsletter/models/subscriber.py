"""A person who gave an address. Being on this list says something about her health."""

import uuid

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Lower
from django.utils import timezone

from articles.models import Topic

# Said to people in words, in Choice.description.
MOST_POLL_MAILS_A_WEEK = 2


class Choice(models.TextChoices):
    """What one may ask for. Each is a purpose of its own, with a box of its own."""

    LETTER = "letter", "The weekly letter"
    POLLS = "polls", "New polls"
    CALLS = "calls", "Calls to act"

    @property
    def field(self) -> str:
        return f"wants_{self.value}"

    @property
    def description(self) -> str:
        return {
            "letter": "On Sundays: new articles, one question, what people talk about.",
            "polls": "When a new poll opens, at most twice a week.",
            "calls": "One thing to do, a few times a year.",
        }[self.value]


class SubscriberQuerySet(models.QuerySet):
    def confirmed(self):
        return self.exclude(confirmed_at=None)

    def reachable(self):
        """Whom a letter may go to now. The twin in SQL is ``ledger.may_receive``."""
        return self.confirmed().filter(
            Q(paused_at=None) | Q(paused_until__lte=timezone.now()),
            stopped_at=None,
            died_at=None,
            returned="",
        )

    def by_address(self, email: str):
        """At most one: by the same expression as the constraint, so by its index too."""
        return self.alias(lower_email=Lower("email")).filter(lower_email=Lower(Value(email)))

    def never_confirmed(self):
        return self.filter(confirmed_at=None)


class Subscriber(models.Model):
    class HowOften(models.TextChoices):
        EVERY = "every", "Every letter"
        MONTHLY = "monthly", "At most one a month"

    class Returned(models.TextChoices):
        """Why the mail systems say that no more should go there."""

        BOUNCE = "bounce", "The address does not exist any more"
        COMPLAINT = "complaint", "Marked as unwanted in the mail program"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(max_length=254)

    wants_letter = models.BooleanField("weekly letter", default=False)
    wants_polls = models.BooleanField("new polls", default=False)
    wants_calls = models.BooleanField("calls to act", default=False)
    how_often = models.CharField(max_length=8, choices=HowOften, default=HowOften.EVERY)
    topics_left_out = models.ManyToManyField(Topic, blank=True, related_name="+")
    is_discreet = models.BooleanField("discreet subjects", default=False)
    text_only = models.BooleanField("plain text only", default=False)

    asked_at = models.DateTimeField(default=timezone.now)
    reminded_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(
        null=True, blank=True, help_text="Empty while paused: until she comes back."
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    died_at = models.DateTimeField("told that she died", null=True, blank=True)
    death_handled_at = models.DateTimeField(null=True, blank=True)
    returned = models.CharField(max_length=10, choices=Returned, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    return_note = models.CharField(max_length=300, blank=True)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        permissions = [("export_subscribers", "Can export the list of subscribers")]
        indexes = [
            models.Index(F("confirmed_at"), name="subscriber_confirmed"),
        ]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="subscriber_email_once"),
            models.CheckConstraint(
                condition=Q(paused_until=None) | Q(paused_at__isnull=False),
                name="subscriber_pause_has_a_start",
            ),
            models.CheckConstraint(
                condition=Q(returned="", returned_at=None)
                | (~Q(returned="") & Q(returned_at__isnull=False)),
                name="subscriber_returned_has_a_moment",
            ),
        ]

    def __str__(self):
        return f"Subscriber {self.pk}"

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None and (
            self.paused_until is None or self.paused_until > timezone.now()
        )

    @property
    def is_stopped(self) -> bool:
        """No letter goes out, and only she or a person here can change that."""
        return bool(self.stopped_at or self.died_at or self.returned)

    @property
    def choices(self) -> list[str]:
        return [choice.value for choice in Choice if getattr(self, choice.field)]

    @choices.setter
    def choices(self, chosen):
        for choice in Choice:
            setattr(self, choice.field, choice.value in chosen)


class Suppression(models.Model):
    """All that is left of someone who asked us to forget her: enough to never write again.

    ``digest`` is a keyed hash of the address: without the site's secret nobody can tell from
    it whose it is, and with it one can only ask about an address one already knows.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"Suppression {self.pk}"

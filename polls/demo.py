"""Demonstration polls beside those in the demonstration articles' files, all without a vote:
no one's answer is made up."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from .models import Choice, Poll

SEPTEMBER = timezone.make_aware(datetime(2026, 9, 14, 9))  # noqa: DTZ001

POLLS = [
    {
        "slug": "your-own-record",
        "kind": Poll.Kind.ONE,
        "question": "Have you ever asked to see your own medical record?",
        "context": "The record is yours to read, in the portal or on paper.",
        "featured": True,
        "choices": [
            "Yes",
            {
                "text": "Not yet",
                "follow_text": "Read about speaking up",
                "follow_url": "/articles/speaking-up-for-yourself/",
            },
            "I did not know I could",
        ],
    },
    {
        "slug": "before-an-appointment",
        "kind": Poll.Kind.SEVERAL,
        "question": "What helps you before an appointment?",
        "max_choices": 3,
        "choices": [
            "Writing my questions down",
            "Bringing someone along",
            "A list of symptoms by day",
            "A quiet hour before",
            "None of these",
        ],
    },
    {
        "slug": "window-or-corner",
        "question": "Window seat in the infusion room, or the quiet corner?",
        "closes": 35,
        "choices": ["Window seat", "Quiet corner"],
    },
    {
        "slug": "tea-or-coffee",
        "question": "Tea or coffee on treatment day?",
        "closed": True,
        "choices": ["Tea", "Coffee"],
    },
]


@transaction.atomic
def load(say):
    """Make the polls that are not there yet; what an editor changed stays."""
    made = sum(_make(dict(poll)) for poll in POLLS)
    say(f"Polls: {made} added, none with a vote")


def _make(poll: dict) -> bool:
    if Poll.objects.filter(slug=poll["slug"]).exists():
        return False
    choices, now = poll.pop("choices"), timezone.now()
    if poll.pop("featured", False) and not Poll.objects.featured().exists():
        poll["featured_from"] = SEPTEMBER
    if poll.pop("closed", False):
        poll["closes_at"] = SEPTEMBER + timedelta(weeks=6)
    if days := poll.pop("closes", 0):
        poll["closes_at"] = now + timedelta(days=days)
    made = Poll.objects.create(opens_at=SEPTEMBER, **poll)
    for position, choice in enumerate(choices, start=1):
        values = choice if isinstance(choice, dict) else {"text": choice}
        Choice.objects.create(poll=made, position=position, **values)
    return True

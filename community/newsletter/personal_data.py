"""What letters know about a member, by her address, and how they let go of it when she leaves."""

from collections.abc import Iterable

from community.members import personal_data

from .consent import delete_with_record
from .models import Subscriber

PART = "newsletter"


def register() -> None:
    personal_data.register_export("Letters by email", letters_of)
    personal_data.register_export("What you agreed to for letters", agreements_of)
    personal_data.register_erasure(PART, erase)


def letters_of(member) -> Iterable[dict]:
    for subscriber in Subscriber.objects.filter(email__iexact=member.email):
        yield {
            "Email address": subscriber.email,
            "What you asked for": ", ".join(subscriber.choices) or "nothing",
            "Asked on": subscriber.asked_at,
            "Confirmed on": subscriber.confirmed_at,
            "Paused on": subscriber.paused_at,
            "Paused until": subscriber.paused_until,
            "Stopped on": subscriber.stopped_at,
        }


def agreements_of(member) -> Iterable[dict]:
    for subscriber in Subscriber.objects.filter(email__iexact=member.email):
        for record in subscriber.records.all():
            yield {
                "What": record.get_deed_display(),
                "On": record.at,
                "Words shown": record.words,
                "Page": record.page,
                "For": ", ".join(record.choice_labels),
            }


def erase(member, parting) -> None:
    """The address goes with the account: who closes it has asked that nothing here holds it."""
    mine = Subscriber.objects.select_for_update().filter(email__iexact=member.email)
    if numbers := list(mine.values_list("pk", flat=True)):
        delete_with_record(numbers)

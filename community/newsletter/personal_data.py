"""What letters know about a person: for her own record, for the export of her account, and how
they let go of it when her account goes."""

from collections.abc import Iterable

from community.members import personal_data

from .consent import delete_with_record
from .models import ConsentRecord, Subscriber
from .models.subscriber import Choice

PART = "newsletter"


def register() -> None:
    personal_data.register_export("Letters by email", letters_of)
    personal_data.register_export("What you agreed to for letters", agreements_of)
    personal_data.register_erasure(PART, erase)


def held_about(subscriber: Subscriber, *, address: str) -> dict:
    """Everything here that is about her, in words; ``address`` as the reader may see it."""
    return {
        "email": address,
        "what you get": [Choice(choice).label for choice in subscriber.choices],
        "how often": subscriber.get_how_often_display(),
        "topics left out": [topic.name for topic in subscriber.topics_left_out.all()],
        "discreet subjects": subscriber.is_discreet,
        "plain text only": subscriber.text_only,
        "asked at": subscriber.asked_at,
        "reminded at": subscriber.reminded_at,
        "confirmed at": subscriber.confirmed_at,
        "paused since": subscriber.paused_at,
        "paused until": subscriber.paused_until,
        "stopped at": subscriber.stopped_at,
        "told that you died at": subscriber.died_at,
        "mail came back": subscriber.get_returned_display(),
        "mail came back at": subscriber.returned_at,
        "mail came back because": subscriber.return_note,
        "letters": [
            {
                "letter": delivery.issue.subject,
                "how it went": delivery.get_state_display(),
                "at": delivery.done_at,
                "what the mail server said": delivery.answer,
                "marked as unwanted at": delivery.complained_at,
            }
            for delivery in subscriber.deliveries.select_related("issue").order_by("pk")
        ],
        "consent record": [agreement(record) for record in records_of(subscriber)],
    }


def records_of(subscriber: Subscriber):
    return subscriber.records.select_related("wording", "privacy_policy")


def agreement(record: ConsentRecord) -> dict:
    return {
        "what": record.get_deed_display(),
        "at": record.at,
        "words shown": record.words,
        "version of the words": record.wording and record.wording.number,
        "privacy policy version": record.privacy_policy and record.privacy_policy.number,
        "page": record.page,
        "choices": record.choice_labels,
    }


def letters_of(member) -> Iterable[dict]:
    """What her own record holds, but for the consent record, which is a part of its own."""
    for subscriber in Subscriber.objects.filter(email__iexact=member.email):
        held = held_about(subscriber, address=subscriber.email)
        yield {name.capitalize(): what for name, what in held.items() if name != "consent record"}


def agreements_of(member) -> Iterable[dict]:
    for subscriber in Subscriber.objects.filter(email__iexact=member.email):
        for record in records_of(subscriber):
            yield {name.capitalize(): what for name, what in agreement(record).items()}


def erase(member, parting) -> None:
    """The address goes with the account: who closes it has asked that nothing here holds it."""
    mine = Subscriber.objects.select_for_update().filter(email__iexact=member.email)
    if numbers := list(mine.values_list("pk", flat=True)):
        delete_with_record(numbers)

"""The verbs of a subscription. Each is atomic, safe to repeat, writes its line into the consent
record in the same transaction, and tells whether anything changed.
"""

from datetime import timedelta
from functools import wraps

from django.db import connection, transaction
from django.utils import timezone

from community.members import memorial
from community.members.models import Member

from .addresses import digests, masked
from .models import ConsentRecord, Subscriber, Suppression
from .models.subscriber import Choice
from .wording import privacy_policy, wording_in_force

Deed = ConsentRecord.Deed

# Past this a sign-up that was never confirmed is forgotten, address and all.
FORGET_UNCONFIRMED_AFTER = timedelta(days=30)
PAUSES = {
    "2-weeks": ("2 weeks", timedelta(weeks=2)),
    "1-month": ("1 month", timedelta(days=30)),
    "3-months": ("3 months", timedelta(days=91)),
    "until-back": ("Until I come back", None),
}


def verb(deed):
    """A deed on a subscriber: in one transaction, on the row as it is now, locked. False when
    she was erased meanwhile."""

    @wraps(deed)
    def done(subscriber: Subscriber, *args, **kwargs) -> bool:
        with transaction.atomic():
            now = Subscriber.objects.select_for_update().filter(pk=subscriber.pk).first()
            return now is not None and deed(now, *args, **kwargs)

    return done


@transaction.atomic
def ask(email: str, choices: list[str], *, words, wording, page: str) -> ConsentRecord | None:
    """Note that someone asked for emails to this address. None: it asked never to be written to.

    Nothing else happens before she presses the button in our email: of someone who is
    already subscribed not even a choice changes, since anyone can type her address.
    """
    if is_suppressed(email):
        return None
    Subscriber.objects.bulk_create([Subscriber(email=email)], ignore_conflicts=True)
    subscriber = Subscriber.objects.select_for_update().by_address(email).get()
    if subscriber.confirmed_at is None:
        subscriber.choices = choices
        subscriber.asked_at = timezone.now()
        subscriber.save()
    return write(subscriber, Deed.ASKED, words, page, choices=choices, wording=wording)


@transaction.atomic
def confirm(record: ConsentRecord, *, page: str) -> bool:
    """She pressed the button in our email: from now on she gets what she asked for then."""
    subscriber = Subscriber.objects.select_for_update().filter(pk=record.subscriber_id).first()
    if subscriber is None or is_confirmed_by(record, subscriber):
        return False
    now = timezone.now()
    subscriber.choices = record.choices
    subscriber.confirmed_at = now
    subscriber.stopped_at = subscriber.paused_at = subscriber.paused_until = None
    subscriber.returned, subscriber.returned_at, subscriber.return_note = "", None, ""
    subscriber.save()
    write(
        subscriber,
        Deed.CONFIRMED,
        record.words,
        page,
        wording=record.wording,
        privacy=record.privacy_policy,
    )
    return True


def is_confirmed_by(record: ConsentRecord, subscriber: Subscriber) -> bool:
    """This request was confirmed already, or there was nothing left to confirm."""
    if subscriber.died_at:
        return True
    confirmed = subscriber.records.filter(
        deed__in=[Deed.CONFIRMED, Deed.STARTED_AGAIN], pk__gt=record.pk
    )
    return subscriber.confirmed_at is not None and (not subscriber.is_stopped or confirmed.exists())


@verb
def change(subscriber: Subscriber, choices: list[str], *, page: str, **settings) -> bool:
    """Save what she chose on her settings page; ``settings`` are fields of Subscriber."""
    topics = settings.pop("topics_left_out", None)
    before = subscriber.choices
    for name, value in settings.items():
        setattr(subscriber, name, value)
    subscriber.choices = choices
    subscriber.save()
    if topics is not None:
        subscriber.topics_left_out.set(topics)
    if subscriber.choices == before:
        return False
    write(subscriber, Deed.CHANGED, "What you get: " + in_words(subscriber), page)
    return True


@verb
def stop(subscriber: Subscriber, *, page: str) -> bool:
    """No more letters, from this moment."""
    if subscriber.stopped_at or subscriber.confirmed_at is None:
        return False
    subscriber.stopped_at = timezone.now()
    subscriber.save(update_fields=["stopped_at"])
    write(subscriber, Deed.WITHDRAWN, "Stop all emails", page)
    return True


@verb
def start_again(subscriber: Subscriber, *, page: str, words: str = "Start again") -> bool:
    """Undo a stop, or a return of mail she says was a mistake. Never of someone who died."""
    if subscriber.died_at or not subscriber.is_stopped or subscriber.confirmed_at is None:
        return False
    subscriber.stopped_at = None
    subscriber.returned, subscriber.returned_at, subscriber.return_note = "", None, ""
    subscriber.save()
    write(subscriber, Deed.STARTED_AGAIN, words, page, wording=wording_in_force())
    return True


@verb
def pause(subscriber: Subscriber, how_long: str) -> bool:
    """Hold letters back for one of PAUSES. The pause ends by itself, but for the last."""
    now = timezone.now()
    length = PAUSES[how_long][1]
    subscriber.paused_at = now
    subscriber.paused_until = now + length if length else None
    subscriber.save(update_fields=["paused_at", "paused_until"])
    return True


@verb
def resume(subscriber: Subscriber) -> bool:
    if subscriber.paused_at is None:
        return False
    subscriber.paused_at = subscriber.paused_until = None
    subscriber.save(update_fields=["paused_at", "paused_until"])
    return True


@verb
def note_death(
    subscriber: Subscriber, *, page: str, words: str = "", how_to_reach: str = ""
) -> bool:
    """Someone writes that she died: everything stops now, mail to her account here too, and a
    person asks afterwards. The report outlives her details, should they be deleted."""
    if subscriber.died_at:
        return False
    subscriber.died_at = timezone.now()
    subscriber.death_handled_at = None
    subscriber.save(update_fields=["died_at", "death_handled_at"])
    write(subscriber, Deed.WITHDRAWN, "I am writing about someone who has died", page)
    memorial.report_death_at(
        subscriber.email,
        f"Subscriber {subscriber.pk}, {masked(subscriber.email)}",
        words,
        how_to_reach,
    )
    return True


@verb
def undo_death(subscriber: Subscriber, *, page: str = "by a person here") -> bool:
    """It was a mistake: all is as it was."""
    if not subscriber.died_at:
        return False
    subscriber.died_at, subscriber.death_handled_at = None, timezone.now()
    subscriber.save(update_fields=["died_at", "death_handled_at"])
    write(subscriber, Deed.STARTED_AGAIN, "It was a mistake, she has not died", page)
    member = Member.objects.filter(email__iexact=subscriber.email, remembered_at=None).first()
    if member is not None:
        memorial.resume_mail(member)
    return True


@verb
def note_return(subscriber: Subscriber, kind: str, note: str) -> bool:
    """The mail systems say that no more should go there. The reason is kept for her to see."""
    if subscriber.returned:
        return False
    subscriber.returned = kind
    subscriber.returned_at = timezone.now()
    subscriber.return_note = note[:300]
    subscriber.save(update_fields=["returned", "returned_at", "return_note"])
    return True


@transaction.atomic
def erase(subscriber: Subscriber) -> Suppression | None:
    """Delete all we hold, the record too. What stays is a keyed hash, to never write again."""
    if not Subscriber.objects.select_for_update().filter(pk=subscriber.pk).exists():
        return None
    suppression, _ = Suppression.objects.get_or_create(digest=digests(subscriber.email)[0])
    delete_with_record([subscriber.pk])
    return suppression


def forget_unconfirmed(*, dry_run: bool = False) -> int:
    """Delete sign-ups that were never confirmed, 30 days after they were asked for."""
    old = Subscriber.objects.never_confirmed().filter(
        asked_at__lt=timezone.now() - FORGET_UNCONFIRMED_AFTER
    )
    if dry_run:
        return old.count()
    count = 0
    while numbers := list(old.values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            # Locked and asked again: she may be pressing the button right now.
            numbers = list(
                old.select_for_update().filter(pk__in=numbers).values_list("pk", flat=True)
            )
            delete_with_record(numbers)
        count += len(numbers)
    return count


def delete_with_record(numbers: list[int]) -> None:
    """The only way past the trigger on consent records: it lets these people's rows go, in this
    transaction, and no others."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('newsletter.erasing', %s, true)",
            [",".join(str(number) for number in numbers)],
        )
        Subscriber.objects.filter(pk__in=numbers).delete()
        cursor.execute("SELECT set_config('newsletter.erasing', '', true)")


def is_suppressed(email: str) -> bool:
    return Suppression.objects.filter(digest__in=digests(email)).exists()


def in_words(subscriber: Subscriber) -> str:
    return ", ".join(Choice(choice).label for choice in subscriber.choices) or "nothing"


def write(subscriber, deed, words, page, *, choices=None, wording=None, privacy=None):
    return ConsentRecord.objects.create(
        subscriber=subscriber,
        deed=deed,
        words=words,
        wording=wording,
        privacy_policy=privacy or privacy_policy(),
        page=page[:300],
        choices=subscriber.choices if choices is None else choices,
    )

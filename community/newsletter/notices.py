"""The mails about a subscription itself. They are asked for by a deed, go out one by one, and
neither wait for a letter nor are held back by a stop of letters."""

import logging
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from advocacy_site import mail
from advocacy_site.ratelimits import allow, days
from advocacy_site.site_url import absolute
from community.members.mailing import may_mail

from . import consent, tokens
from .addresses import masked, one_mailbox, without_addresses
from .models import ConsentRecord, Subscriber
from .models.subscriber import Choice

# Nobody can be flooded by someone else typing her address.
MOST_CONFIRM_MAILS_A_DAY, MOST_CONFIRM_MAILS_A_MONTH = 3, 10
MOST_NOTICES_A_DAY = 3
REMIND_AFTER = timedelta(days=4)
MOST_REMINDERS_A_RUN = 2000

log = logging.getLogger(__name__)


class NotTaken(OSError):
    """The mail server did not take it; says what it said, without the address it repeats."""


def may_be_asked_for(email: str) -> bool:
    """Whether one more sign-up of this address is taken. Past the limit nothing is written,
    neither to her nor into her record."""
    mailbox = one_mailbox(email)
    return allow("newsletter-confirm", mailbox, to=MOST_CONFIRM_MAILS_A_DAY, per=days(1)) and allow(
        "newsletter-confirm-month", mailbox, to=MOST_CONFIRM_MAILS_A_MONTH, per=days(30)
    )


def answer_signup(record: ConsentRecord) -> bool:
    """Write to who was asked for: to confirm, or that she already is subscribed."""
    subscriber = record.subscriber
    if subscriber.died_at:
        return False
    if consent.is_suppressed(subscriber.email):
        return False
    if subscriber.confirmed_at and not subscriber.is_stopped:
        send("newsletter-already", subscriber)
    else:
        send("newsletter-confirm", subscriber, **confirm_context(record))
    return True


def confirm_context(record: ConsentRecord) -> dict:
    return {
        "confirm_url": link("confirm", tokens.confirm_token(record)),
        "choices": [Choice(choice) for choice in record.choices],
        "days": tokens.CONFIRM_WITHIN.days,
    }


def welcome(subscriber: Subscriber) -> None:
    send("newsletter-welcome", subscriber, choices=[Choice(c) for c in subscriber.choices])


def tell_that_it_stopped(subscriber: Subscriber) -> bool:
    """One notice with a way back: someone she forwarded a letter to may have pressed stop."""
    return _notice("newsletter-stopped", subscriber)


def tell_that_it_started(subscriber: Subscriber) -> bool:
    return _notice("newsletter-started", subscriber)


def tell_that_it_paused(subscriber: Subscriber) -> bool:
    """A pause without an end is a stop to whoever did not press it."""
    return _notice("newsletter-paused", subscriber)


def _notice(name: str, subscriber: Subscriber) -> bool:
    if subscriber.died_at or subscriber.returned:
        return False
    if not allow("newsletter-notice", subscriber.email, to=MOST_NOTICES_A_DAY, per=days(1)):
        return False
    send(name, subscriber)
    return True


def say_goodbye(email: str, suppression) -> None:
    """The last mail of all. It is written before the address is gone, so it is given one."""
    _send(
        "newsletter-goodbye",
        email,
        frame() | {"back_url": link("back", tokens.back_token(suppression))},
        headers=reply_to(),
    )


def tell_a_person_of_a_death(subscriber: Subscriber) -> None:
    """To the mailbox a person reads. The address of the one who died stays masked: whom to
    answer, if anyone, the writer said herself in her report."""
    _send(
        "newsletter-death",
        settings.REPLY_TO_EMAIL,
        frame()
        | {
            "address": masked(subscriber.email),
            "reports_url": absolute(reverse("members:death-reports")),
            "desk_url": absolute(
                reverse("admin:newsletter_subscriber_change", args=[subscriber.pk])
            ),
        },
    )


def remind_unconfirmed(*, dry_run: bool = False) -> int:
    """One reminder, ever, to those who have not pressed the button yet."""
    waiting = Subscriber.objects.never_confirmed().filter(
        asked_at__lt=timezone.now() - REMIND_AFTER,
        asked_at__gt=timezone.now() - tokens.CONFIRM_WITHIN,
        reminded_at=None,
    )
    if dry_run:
        return waiting.count()
    count = 0
    for subscriber in waiting.order_by("pk")[:MOST_REMINDERS_A_RUN]:
        # Marked first: after a crash she is better off without a reminder than with two.
        claimed = Subscriber.objects.filter(pk=subscriber.pk, reminded_at=None, confirmed_at=None)
        if claimed.update(reminded_at=timezone.now()):
            record = subscriber.records.filter(deed=ConsentRecord.Deed.ASKED).last()
            try:
                send("newsletter-reminder", subscriber, **confirm_context(record))
                count += 1
            except OSError as error:  # her address is refused; the others still get theirs
                log.warning("A reminder was not taken: %s", error)
    return count


def send(name: str, subscriber: Subscriber, **context) -> None:
    """Not to someone who died, or of whom that was said: mail stops first."""
    if subscriber.died_at or not may_mail(subscriber.email):
        return
    context |= frame() | {
        "settings_url": link("settings", tokens.settings_token(subscriber)),
        "stop_url": link("stop", tokens.stop_token(subscriber)),
    }
    _send(name, subscriber.email, context, headers=reply_to())


def _send(name: str, address: str, context: dict, **options) -> None:
    """Raises NotTaken. Errors of tasks are kept, and an address must not be kept with them."""
    try:
        mail.send(name, address, context, **options)
    except OSError as error:
        raise NotTaken(without_addresses(str(error))) from None


def frame() -> dict:
    """What the foot of each mail needs."""
    return {"postal_address": settings.POSTAL_ADDRESS, "help_email": settings.REPLY_TO_EMAIL}


def reply_to() -> dict:
    return {"Reply-To": settings.REPLY_TO_EMAIL} if settings.REPLY_TO_EMAIL else {}


def link(name: str, *args) -> str:
    return absolute(reverse(f"newsletter:{name}", args=args))

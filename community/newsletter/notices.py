"""The mails about a subscription itself. They are asked for by a deed, go out one by one, and
neither wait for a letter nor are held back by a stop of letters."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from advocacy_site import mail
from advocacy_site.ratelimits import allow, days
from advocacy_site.site_url import absolute

from . import tokens
from .addresses import masked
from .models import ConsentRecord, Subscriber
from .models.subscriber import Choice

# Nobody can be flooded by someone else typing her address.
MOST_CONFIRM_MAILS_A_DAY = 3
MOST_NOTICES_A_DAY = 3
REMIND_AFTER = timedelta(days=4)


def answer_signup(record: ConsentRecord) -> bool:
    """Write to who was asked for: to confirm, or that she already is subscribed."""
    subscriber = record.subscriber
    if subscriber.died_at:
        return False
    if not allow("newsletter-confirm", subscriber.email, to=MOST_CONFIRM_MAILS_A_DAY, per=days(1)):
        return False
    if subscriber.confirmed_at and not subscriber.is_stopped:
        send("newsletter_already", subscriber)
    else:
        send("newsletter_confirm", subscriber, **confirm_context(record))
    return True


def confirm_context(record: ConsentRecord) -> dict:
    return {
        "confirm_url": link("confirm", tokens.confirm_token(record)),
        "choices": [Choice(choice) for choice in record.choices],
        "days": tokens.CONFIRM_WITHIN.days,
    }


def welcome(subscriber: Subscriber) -> None:
    send("newsletter_welcome", subscriber, choices=[Choice(c) for c in subscriber.choices])


def tell_that_it_stopped(subscriber: Subscriber) -> bool:
    """One notice with a way back: someone she forwarded a letter to may have pressed stop."""
    return _notice("newsletter_stopped", subscriber)


def tell_that_it_started(subscriber: Subscriber) -> bool:
    return _notice("newsletter_started", subscriber)


def _notice(name: str, subscriber: Subscriber) -> bool:
    if subscriber.died_at or subscriber.returned:
        return False
    if not allow("newsletter-notice", subscriber.email, to=MOST_NOTICES_A_DAY, per=days(1)):
        return False
    send(name, subscriber)
    return True


def say_goodbye(email: str, suppression) -> None:
    """The last mail of all. It is written before the address is gone, so it is given one."""
    mail.send(
        "newsletter_goodbye",
        email,
        frame() | {"back_url": link("back", tokens.back_token(suppression))},
        headers=reply_to(),
    )


def tell_a_person_of_a_death(subscriber: Subscriber) -> None:
    """To the mailbox a person reads. Without the address: the editors' desk has it."""
    mail.send(
        "newsletter_death",
        settings.REPLY_TO_EMAIL,
        frame()
        | {
            "address": masked(subscriber.email),
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
    for subscriber in waiting.iterator():
        # Marked first: after a crash she is better off without a reminder than with two.
        claimed = Subscriber.objects.filter(pk=subscriber.pk, reminded_at=None, confirmed_at=None)
        if claimed.update(reminded_at=timezone.now()):
            record = subscriber.records.filter(deed=ConsentRecord.Deed.ASKED).last()
            send("newsletter_reminder", subscriber, **confirm_context(record))
            count += 1
    return count


def send(name: str, subscriber: Subscriber, **context) -> None:
    context |= frame() | {
        "settings_url": link("settings", tokens.settings_token(subscriber)),
        "stop_url": link("stop", tokens.stop_token(subscriber)),
    }
    mail.send(name, subscriber.email, context, headers=reply_to())


def frame() -> dict:
    return {
        "postal_address": settings.POSTAL_ADDRESS,
        "help_email": settings.REPLY_TO_EMAIL,
        "site_url": settings.SITE_URL,
        "signup_url": absolute(reverse("newsletter:signup")),
    }


def reply_to() -> dict:
    return {"Reply-To": settings.REPLY_TO_EMAIL} if settings.REPLY_TO_EMAIL else {}


def link(name: str, *args) -> str:
    return absolute(reverse(f"newsletter:{name}", args=args))

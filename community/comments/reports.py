"""Telling the moderators about a comment or a member, and telling back what came of it."""

import hashlib
import hmac
import smtplib
from collections.abc import Callable

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from advocacy_site import mail
from community.members.mailing import MailNotSent, mail_member, may_mail

from .models import Report
from .models.report import MOST_WORDS
from .tasks import tell_reporter

MAIL = "report-outcome"

_on_worried: list[Callable[[Report], None]] = []


def on_worried(function: Callable[[Report], None]) -> Callable:
    """Have ``function(report)`` called for each new report of worry, in its transaction: what it
    enqueues happens if the report is kept, and not otherwise. Registering twice is once.
    """
    if function not in _on_worried:
        _on_worried.append(function)
    return function


@transaction.atomic
def report(
    *,
    comment=None,
    member=None,
    reason,
    words="",
    reporter=None,
    email="",
    wants_mail=False,
    where="",
) -> tuple[Report, bool]:
    """Keep a report and tell whether it is new. The same reporter twice is one report, with the
    newer reason and words while nobody has decided.

    ``where`` is the network of a guest, known to nobody afterwards.
    """
    values = {"reason": reason, "words": words}
    if reporter is not None:
        values |= {"reporter": reporter, "wants_mail": wants_mail}
    else:
        values |= {"reporter_email": email}
    key = key_of(comment, member, reporter, where, values)
    found = Report.objects.select_for_update(of=["self"]).filter(key=key, settled_at=None).first()
    if found is not None:
        return _told_again(found, values), False
    try:
        with transaction.atomic():
            made = Report.objects.create(comment=comment, member=member, key=key, **values)
    except IntegrityError:  # the second of two presses at once
        found = Report.objects.select_for_update(of=["self"]).get(key=key, settled_at=None)
        return _told_again(found, values), False
    _tell_of_worry(made)
    return made, True


def flag(comment, detail: str) -> bool:
    """The word list asks a moderator to look at a comment that shows; tell whether it is new."""
    message = f"report:comment-{comment.pk}:listed".encode()
    key = hmac.digest(settings.SECRET_KEY.encode(), message, hashlib.sha256)
    values = {"comment": comment, "reason": Report.Reason.LISTED, "words": detail[:MOST_WORDS]}
    _, is_new = Report.objects.get_or_create(key=key, settled_at=None, defaults=values)
    return is_new


def key_of(comment, member, reporter, where: str, values: dict) -> bytes:
    """Who reports what. Guests of one network are different people, unless they say the same."""
    about = f"comment-{comment.pk}" if comment else f"member-{member.pk}"
    if reporter is not None:
        who = f"member-{reporter.pk}"
    elif email := values["reporter_email"]:
        who = f"{where}\n{email.lower()}"
    else:
        who = f"{where}\n\n{values['reason']}\n{values['words']}"
    message = f"report:{about}:{who}".encode()
    return hmac.digest(settings.SECRET_KEY.encode(), message, hashlib.sha256)


def _told_again(found: Report, values: dict) -> Report:
    was_worried = found.is_worried
    if was_worried:  # a worry is not taken back by a second report
        values = values | {"reason": Report.Reason.WORRIED}
    values["words"] = values["words"] or found.words
    for name, value in values.items():
        setattr(found, name, value)
    found.save(update_fields=list(values))
    if not was_worried:
        _tell_of_worry(found)
    return found


def _tell_of_worry(report: Report) -> None:
    if report.is_worried:
        for function in _on_worried:
            function(report)


@transaction.atomic
def settle(reports, outcome: str) -> int:
    """Close these reports with the sentence for those who sent them; tell how many were open.

    ``reports`` is a queryset or a list. Who left a way to be reached is told, once.
    """
    ids = [report.pk for report in reports]
    # In one order, so that two moderators cannot wait for each other.
    waiting = Report.objects.waiting().filter(pk__in=ids).order_by("pk")
    open_ones = list(waiting.select_for_update(of=["self"]))
    Report.objects.filter(pk__in=[report.pk for report in open_ones]).update(
        settled_at=timezone.now(), outcome=outcome, key=None
    )
    for report in open_ones:
        if report.reporter_email or report.wants_mail:
            tell_reporter.enqueue(report.pk)
    return len(open_ones)


def tell(report_id: int) -> bool:
    """Mail the outcome to who reported; once, however often the task runs."""
    with transaction.atomic():
        found = (
            Report.objects.select_for_update(of=["self"])
            .filter(pk=report_id, settled_at__isnull=False, told_at=None)
            .first()
        )
        if found is None:
            return False
        found.told_at = timezone.now()
        found.save(update_fields=["told_at"])
        return _mail(found)


def _mail(report: Report) -> bool:
    if report.reporter_id is not None:
        return report.wants_mail and mail_member(MAIL, report.reporter_id, {"report": report})
    if not report.reporter_email or not may_mail(report.reporter_email):
        return False
    try:
        mail.send(MAIL, report.reporter_email, {"report": report})
    except smtplib.SMTPRecipientsRefused:
        return False  # no such address; trying again would change nothing
    except (OSError, smtplib.SMTPException) as error:
        # The server's own answer holds the address, and failed tasks keep their whole story.
        raise MailNotSent(type(error).__name__) from None
    return True

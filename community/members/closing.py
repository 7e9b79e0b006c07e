"""Closing an account: seven days to change one's mind, then nothing says who it was."""

import logging
from datetime import timedelta

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from advocacy_site import mail

from . import personal_data, tasks
from .models import ClosedAccount, DeathReport, EmailedCode, Member

DAYS_TO_CHANGE_MIND = 7
logger = logging.getLogger(__name__)


@transaction.atomic
def ask_to_close(member: Member, words: str, answers: dict[str, str] | None = None) -> bool:
    """Set the day; tell whether it was not set before. A new choice counts at once."""
    member = Member.objects.select_for_update().get(pk=member.pk)
    is_new = member.closes_at is None
    if is_new:
        member.closes_at = timezone.now() + timedelta(days=DAYS_TO_CHANGE_MIND)
        tasks.tell_of_closing.enqueue(member.pk)
    member.closing_words, member.closing_answers = words, answers or {}
    member.save(update_fields=["closes_at", "closing_words", "closing_answers"])
    return is_new


@transaction.atomic
def stay(member: Member) -> bool:
    """Change one's mind: everything is as before. Tell whether there was anything to undo."""
    member.words_to_remove.all().delete()
    return bool(
        Member.objects.filter(pk=member.pk, closes_at__isnull=False).update(
            closes_at=None, closing_words="", closing_answers={}
        )
    )


def due():
    """Accounts whose seven days are over. Not those of people who died meanwhile: what
    becomes of them is for a person to decide."""
    return Member.objects.filter(closes_at__lte=timezone.now(), remembered_at=None)


def close_due() -> int:
    """Close every account that is due, each for itself, and return how many."""
    closed = 0
    for member in due().order_by("closes_at"):
        try:
            closed += close(member)
        except Exception:  # one account that cannot be closed must not keep the others
            logger.exception("An account could not be closed")
    return closed


def close(member: Member) -> bool:
    """Let every app let go, then delete the account; all of it or nothing."""
    with transaction.atomic():
        # Remembered since, or stayed and asked anew: then it is not due, whoever listed it.
        member = due().select_for_update().filter(pk=member.pk).first()
        if member is None:
            return False
        email, accepts_mail, words = member.email, member.accepts_mail, member.closing_words
        marked = frozenset(member.words_to_remove.values_list("part", "key"))
        parting = personal_data.Parting(words, marked, member.closing_answers)
        for erasure in personal_data.erasures():
            erasure.function(member, parting)
        end_all_sessions(member)
        erase_traces(member)
        member.delete()
        ClosedAccount.objects.create(on=timezone.localdate(), words=words)
    if accepts_mail:
        say_goodbye(email)
    return True


def say_goodbye(email: str) -> None:
    try:
        mail.send("account-closed", email, {})
    except OSError:
        logger.warning("The mail that an account is closed could not be sent")


def end_all_sessions(member: Member) -> None:
    """Also sessions that no list knows; each has to be opened to see whose it is."""
    mine = [
        session.session_key
        for session in Session.objects.iterator(chunk_size=500)
        if session.get_decoded().get("_auth_user_id") == str(member.pk)
    ]
    Session.objects.filter(session_key__in=mine).delete()


def erase_traces(member: Member) -> None:
    """What mentions the account outside the rows that go with it."""
    EmailedCode.objects.filter(email__iexact=member.email).delete()
    DeathReport.objects.filter(
        Q(who__iexact=member.display_name)
        | Q(who__iexact=member.handle)
        | Q(who__iregex=rf"/members/{member.handle}(/|$)")
    ).filter(member=None).delete()
    # What she told us about somebody else still waits for an answer; only the way to her goes.
    DeathReport.objects.filter(how_to_reach__icontains=member.email).update(
        how_to_reach="closed account"
    )
    this = ContentType.objects.get_for_model(Member)
    LogEntry.objects.filter(content_type=this, object_id=str(member.pk)).update(
        object_repr="closed account", change_message="", object_id=None
    )
    LogEntry.objects.filter(
        Q(object_repr__icontains=member.email) | Q(change_message__icontains=member.email)
    ).update(object_repr="closed account", change_message="")

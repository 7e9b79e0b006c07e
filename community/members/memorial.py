"""When a member dies: mail stops first, questions come after, and a mistake leaves no trace."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from . import browsers
from .models import DeathReport, Member, MemorialAct

# The same name may be borne by more than one. Pausing mail harms nobody and can be undone.
MOST_NAMESAKES = 3
DAYS_REPORTS_ARE_KEPT = 180  # long enough for a family to come back to us
Outcome = DeathReport.Outcome
_on_act: list[Callable[[MemorialAct], None]] = []


def on_act(function: Callable[[MemorialAct], None]) -> None:
    """Have ``function(act)`` called in the transaction of each act. Registering twice is once."""
    if function not in _on_act:
        _on_act.append(function)


@transaction.atomic
def report_death(who: str, how_known: str, how_to_reach: str) -> list[DeathReport]:
    """Keep what somebody told us, and pause mail to whom it seems to be about, at once."""
    members = whom_it_is_about(who)
    Member.objects.filter(pk__in=[m.pk for m in members], mail_paused_at=None).update(
        mail_paused_at=timezone.now()
    )
    return [
        DeathReport.objects.create(
            who=who, how_known=how_known, how_to_reach=how_to_reach, member=member
        )
        for member in members or [None]
    ]


@transaction.atomic
def report_death_at(email: str, who: str, how_known: str, how_to_reach: str) -> DeathReport | None:
    """The same, from a link in a mail of ours: the address says whom it is about. ``who`` is
    what a person sees of her where no account has the address."""
    member = Member.objects.filter(email__iexact=email).first()
    if member is not None and member.mail_paused_at is None:
        Member.objects.filter(pk=member.pk).update(mail_paused_at=timezone.now())
    elif member is None and not (how_known or how_to_reach):
        return None  # no account, and nobody to answer: there is nothing to read
    return DeathReport.objects.create(
        who=who[:120], how_known=how_known[:500], how_to_reach=how_to_reach[:200], member=member
    )


def whom_it_is_about(who: str) -> list[Member]:
    """By profile address, handle or name. None where too many share the name: a person looks."""
    found = re.search(r"/members/([a-z0-9-]{1,30})", who.lower())
    handle = found.group(1) if found else who.strip().lower()
    members = list(
        Member.objects.filter(Q(handle=handle) | Q(display_name__iexact=who.strip()))[
            : MOST_NAMESAKES + 1
        ]
    )
    return members if len(members) <= MOST_NAMESAKES else []


@transaction.atomic
def remember(member: Member, by: Member, *, died_in=None, family_words="", note="") -> bool:
    """Set a member remembered: no sign-in, no sessions, no mail; words and profile stay.

    Tell whether anything changed. ``died_in`` is the first day of a month, or None.
    """
    member = Member.objects.select_for_update().get(pk=member.pk)
    if member.is_remembered:
        return False
    member.remembered_at = timezone.now()
    member.died_in = died_in
    member.family_words = family_words
    member.save(update_fields=["remembered_at", "died_in", "family_words"])
    browsers.sign_out(member)
    _write_down(member, by, MemorialAct.Verb.REMEMBERED, note)
    handle_reports(member, by, Outcome.REMEMBERED)
    return True


@transaction.atomic
def undo(member: Member, by: Member, *, note="") -> bool:
    """It was a mistake: all is as before, mail too. Only the record for staff stays."""
    member = Member.objects.select_for_update().get(pk=member.pk)
    if not member.is_remembered and member.mail_paused_at is None:
        return False
    was_remembered = member.is_remembered
    member.remembered_at = member.died_in = member.mail_paused_at = None
    member.family_words = ""
    member.save(update_fields=["remembered_at", "died_in", "mail_paused_at", "family_words"])
    if was_remembered:
        _write_down(member, by, MemorialAct.Verb.UNDONE, note)
    handle_reports(member, by, Outcome.MISTAKE)
    return True


def _write_down(member: Member, by: Member, verb: str, note: str) -> None:
    act = MemorialAct.objects.create(member=member, by=by, verb=verb, note=note)
    for function in _on_act:
        function(act)


def old_reports():
    """What was answered half a year ago: it names people who never joined."""
    return DeathReport.objects.filter(
        handled_at__lt=timezone.now() - timedelta(days=DAYS_REPORTS_ARE_KEPT)
    )


def handle_reports(member: Member, by: Member, outcome: str) -> int:
    return DeathReport.objects.filter(member=member, handled_at=None).update(
        handled_at=timezone.now(), handled_by=by, outcome=outcome
    )


def close_report(report: DeathReport, by: Member) -> bool:
    """One that is about nobody with an account here: a person read it and answered. Tell whether
    it was open."""
    open_one = DeathReport.objects.filter(pk=report.pk, member=None, handled_at=None)
    return bool(open_one.update(handled_at=timezone.now(), handled_by=by, outcome=Outcome.ANSWERED))


def resume_mail(member: Member) -> bool:
    """The member is here and says so. Tell whether mail was paused."""
    changed = Member.objects.filter(pk=member.pk, mail_paused_at__isnull=False).update(
        mail_paused_at=None
    )
    if changed:
        handle_reports(member, member, Outcome.MISTAKE)
    return bool(changed)

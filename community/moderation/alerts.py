"""Somebody is worried about a person: moderators on duty get a mail within a minute."""

from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from advocacy_site.operators import tell_operators
from community.comments.models import Report
from community.members.mailing import MailNotSent, mail_member

from . import rota
from .models import Alert
from .rights import all_moderators

LOCKS = 0x68617262  # of pg_advisory_xact_lock, beside those of others
NOBODY = (
    "No moderator could be mailed about a person somebody is worried about",
    "It stands first at /moderation/. Look whether there are moderators, whether their addresses"
    " take mail, and whether the mail server answers. Each minute tries again.",
)


def on_worried(report: Report) -> None:
    """Called in the transaction that keeps the report (comments.reports)."""
    from .tasks import alert

    alert.enqueue(report.pk)


class NobodyHeard(MailNotSent):
    """No moderator could be mailed; the next minute asks again."""


def alert(report_id: int) -> bool:
    """Mail who is on duty about one report, once; tell whether it was due.

    One address that fails does not keep the others from hearing. Where nobody on duty can be
    reached, all moderators are mailed; where none of them can, the operators hear of it and
    NobodyHeard is raised: the report counts as told only when somebody was.
    """
    with transaction.atomic():
        if not _is_mine(report_id):
            return False
        report = Report.objects.filter(pk=report_id, settled_at=None).first()
        if report is None or Alert.objects.filter(pk=report_id).exists():
            return False
        on_duty = rota.on_duty()
        sent = _mail(on_duty, report)
        if not sent:
            sent = _mail([one for one in all_moderators() if one not in on_duty], report)
        if sent:
            Alert.objects.create(report=report, to=sent)
    if not sent:
        tell_operators(*NOBODY)
        raise NobodyHeard
    return True


def _is_mine(report_id: int) -> bool:
    """Whether no other worker mails about it now. A lock of its own: one on the report would
    keep its sender waiting for the mail server when she presses again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCKS, report_id % 2**31])
        return cursor.fetchone()[0]


def _mail(moderators, report: Report) -> int:
    """To how many it went."""
    sent = 0
    for moderator in moderators:
        with suppress(MailNotSent):
            sent += mail_member("moderation-alert", moderator.pk, {"url": address_of(report)})
    return sent


def address_of(report: Report) -> str:
    """Straight to the item."""
    if report.comment_id:
        path = reverse("moderation:comment", args=[report.comment_id])
    else:
        path = reverse("moderation:member", args=[report.member_id])
    return f"{settings.SITE_URL}{path}"


def alert_late() -> int:
    """Worried reports whose task was lost; run every minute."""
    late = (
        Report.objects.waiting()
        .worried()
        .exclude(pk__in=Alert.objects.values("pk"))
        .filter(created_at__lt=timezone.now() - timedelta(seconds=30))
    )
    done = 0
    for pk in late.order_by("pk").values_list("pk", flat=True)[:200]:
        with suppress(MailNotSent):  # the next minute asks again
            done += alert(pk)
    return done

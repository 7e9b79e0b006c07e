"""Somebody is worried about a person: moderators on duty get a mail within a minute."""

from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from community.comments.models import Report
from community.members.mailing import MailNotSent, mail_member

from . import rota
from .models import Alert


def on_worried(report: Report) -> None:
    """Called in the transaction that keeps the report (comments.reports)."""
    from .tasks import alert

    alert.enqueue(report.pk)


def alert(report_id: int) -> bool:
    """Mail who is on duty about one report, once; tell whether it was due.

    One address that fails does not keep the others from hearing.
    """
    with transaction.atomic():
        report = (
            Report.objects.select_for_update(of=["self"], skip_locked=True)
            .filter(pk=report_id, settled_at=None)
            .first()
        )
        if report is None or Alert.objects.filter(pk=report_id).exists():
            return False
        sent, failed = 0, None
        for moderator in rota.on_duty():
            try:
                sent += mail_member("moderation-alert", moderator.pk, {"url": address_of(report)})
            except MailNotSent as error:
                failed = error
        if failed and not sent:
            raise failed  # the task runs again, and the next minute asks as well
        Alert.objects.create(report=report, to=sent)
    return True


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

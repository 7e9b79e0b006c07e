"""The mail that says what a moderator decided. The subject says nothing to who looks over."""

from contextlib import suppress

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from community.members.mailing import MailNotSent, mail_member

from .models import Message


def mail_message(act_id: int) -> bool:
    """Mail one message, once, however often this runs; tell whether it went out."""
    with transaction.atomic():
        message = (
            Message.objects.select_for_update(of=["self"], skip_locked=True)
            .select_related("act")
            .filter(pk=act_id, mailed_at=None)
            .first()
        )
        if message is None:
            return False
        message.mailed_at = timezone.now()
        message.save(update_fields=["mailed_at"])
        address = reverse("moderation:message", args=[message.pk])
        return mail_member(
            "moderation-message",
            message.member_id,
            {"message": message, "url": f"{settings.SITE_URL}{address}"},
        )


def mail_late() -> int:
    """Messages whose task was lost; run every minute."""
    minute_ago = timezone.now() - timezone.timedelta(minutes=1)
    late = Message.objects.filter(mailed_at=None, act__at__lt=minute_ago)
    sent = 0
    for pk in late.order_by("pk").values_list("pk", flat=True)[:200]:
        with suppress(MailNotSent):  # one address that fails; the next minute asks again
            sent += mail_message(pk)
    return sent

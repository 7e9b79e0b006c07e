"""The queue in a mail, once a day, for every moderator: counts and ages, no words of anyone."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from community.members.mailing import MailNotSent, mail_member

from . import hours, queue
from .models import DigestDay
from .rights import all_moderators


def send_due() -> int:
    """Send today's digest, if its hour has come and it has not gone out; tell to how many."""
    start, _ = settings.MODERATOR_HOURS
    if timezone.localtime().hour < start:
        return 0
    with transaction.atomic():
        _, is_new = DigestDay.objects.get_or_create(day=timezone.localdate())
        if not is_new:
            return 0
        tallies = queue.tally()
        if not tallies.to_check and not any(tally.count for tally in tallies.lines):
            return 0
        return sum(_mail(moderator.pk, tallies) for moderator in all_moderators())


def _mail(moderator_id: int, tallies) -> bool:
    context = {
        "tallies": tallies,
        "hours": hours.line_now(),
        "url": f"{settings.SITE_URL}{reverse('moderation:queue')}",
    }
    try:
        return mail_member("moderation-digest", moderator_id, context)
    except MailNotSent:
        return False  # tomorrow's will come

"""Telling the editors that a letter does not go out as they think."""

import logging

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.tasks import task
from django.urls import reverse

from advocacy_site import mail
from advocacy_site.operators import tell_operators
from advocacy_site.site_url import absolute

from . import notices
from .models import Issue

log = logging.getLogger(__name__)

MOST_EDITORS = 20


def tell_editors(issue_id: int, because: str) -> None:
    tell_operators("A letter was held", f"Letter {issue_id}: {because}")
    tell_of_hold.enqueue(issue_id, because)


@task()
def tell_of_hold(issue_id: int, because: str):
    """To each who may send letters; to the help mailbox where there is nobody."""
    issue = Issue.objects.filter(pk=issue_id).first()
    if issue is None:
        return
    desk = absolute(reverse("admin:newsletter_issue_desk", args=[issue_id]))
    context = notices.frame() | {"because": because, "desk_url": desk}
    for address in editors() or [settings.REPLY_TO_EMAIL]:
        try:
            mail.send("letter-held", address, context)
        except OSError:  # perhaps the very reason of the hold; the operators' log has it
            log.warning("An editor could not be told that letter %s is held.", issue_id)


def editors() -> list[str]:
    permission = {"codename": "send_issue", "content_type__app_label": "newsletter"}
    may_send = Q(**{f"groups__permissions__{k}": v for k, v in permission.items()}) | Q(
        **{f"user_permissions__{k}": v for k, v in permission.items()}
    )
    staff = get_user_model().objects.filter(may_send, is_active=True, is_staff=True)
    return list(staff.order_by("email").values_list("email", flat=True).distinct()[:MOST_EDITORS])

"""Sending letters: what the editors' desk, the schedule and operators call.

``lifecycle``  a letter's own states: scheduled, started, held, stopped, sent
``ledger``     the statements over deliveries: claim, begin, record, take back
``carrier``    one connection to the mail server, and what its answers mean
``worker``     one letter, mail by mail; the written rule for the doubtful stands there
"""

import time
from datetime import timedelta

from django.utils import timezone

from .lifecycle import (
    NotReady,
    hold,
    missing,
    recipients_now,
    resume,
    schedule,
    send_doubtful_again,
    start,
    start_scheduled,
    stop_for_good,
    unschedule,
)
from .models import Delivery, Issue
from .worker import Worker

__all__ = [
    "NotReady", "Worker", "hold", "missing", "next_due", "recipients_now", "resume", "schedule",
    "send_doubtful_again", "send_due", "start", "start_scheduled", "stop_for_good", "unschedule",
]  # fmt: skip


def send_due(*, seconds: float | None = None, say=lambda line: None) -> int:
    """Start what is scheduled, send what is under way; return how many mails were sent.

    Ends when nothing is due now, or after ``seconds``. Any number may run at once. Each letter
    is looked up when its turn comes: the one before it may have taken hours, and an editor may
    have changed her mind meanwhile.
    """
    end = time.monotonic() + seconds if seconds else None
    sent, seen = 0, []
    while issue := Issue.objects.due().exclude(pk__in=seen).order_by("started_at", "pk").first():
        seen.append(issue.pk)
        if issue.state == Issue.State.SCHEDULED and not start_scheduled(issue):
            say(f"{issue}: not started")
            continue
        worker = Worker(issue, end=end)
        sent += worker.run()
        say(f"{issue}: {worker.sent} sent")
        if worker.is_over():
            break
    return sent


def next_due():
    """When there is something to send again, or None: the next try, or a claim to take back."""
    open_ones = Delivery.objects.filter(
        issue__state=Issue.State.SENDING, state__in=["waiting", "claimed", "begun"]
    )
    earliest = open_ones.order_by("try_after").values_list("state", "try_after").first()
    if earliest is None:
        return None
    if open_ones.filter(state="waiting", try_after__lte=timezone.now()).exists():
        return timezone.now()
    return max(earliest[1], timezone.now() + timedelta(seconds=5))

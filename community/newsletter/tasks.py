"""What the worker does. Each is one line into a verb and may run twice."""

from django.tasks import task
from django.utils import timezone

from . import notices, sending
from .models import ConsentRecord, Subscriber


@task()
def answer_signup(record_id: int):
    record = ConsentRecord.objects.select_related("subscriber").filter(pk=record_id).first()
    return record is not None and notices.answer_signup(record)


@task()
def write_to(subscriber_id: int, notice: str):
    """``notice`` is the name of a function of ``notices`` that takes a subscriber."""
    subscriber = Subscriber.objects.filter(pk=subscriber_id).first()
    if subscriber is not None:
        getattr(notices, notice)(subscriber)


# A letter takes many minutes; after each slice other tasks of the worker have their turn.
SLICE_SECONDS = 20


@task()
def send_letter(issue_id: int):
    """Send for a while and queue the rest. Also for what ``send_due`` finds: safe to repeat."""
    sending.send_due(seconds=SLICE_SECONDS)
    if next_at := sending.next_due():
        send_letter.using(run_after=max(next_at, timezone.now())).enqueue(issue_id)

"""What the worker does. Each is one line into a verb and may run twice."""

from django.tasks import task

from . import notices
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

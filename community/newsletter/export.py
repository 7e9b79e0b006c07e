"""The list as a file, for a list manager: who asked, and why, goes on record with it."""

import csv

from django.contrib.admin.models import CHANGE, LogEntry

from .models import Subscriber

COLUMNS = ["email", "choices", "confirmed_at"]


def exported():
    """A list made of this would be mailed: it holds nobody who stopped, paused or complained."""
    return Subscriber.objects.reachable().order_by("pk")


def export(to, *, by, why: str) -> int:
    """Write the list as CSV to a file, and who took it to the log; tell how many there were.

    The log comes first: a list that left while nobody noted it would be worse than the reverse.
    """
    count = exported().count()
    LogEntry.objects.create(
        user_id=by.pk,
        action_flag=CHANGE,
        object_repr="The list of subscribers",
        change_message=f"Exported {count} subscribers: {why}"[:500],
    )
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(COLUMNS)
    for subscriber in exported().iterator():
        confirmed = subscriber.confirmed_at.isoformat()
        writer.writerow([subscriber.email, " ".join(subscriber.choices), confirmed])
    return count

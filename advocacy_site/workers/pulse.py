"""Which workers are alive, whatever the clocks say.

Each adds one to a number every few seconds. A worker whose number has stood still for
``SILENCE`` seconds of our own unmoved clock is gone, and what it held goes back.
"""

import os
import platform
import secrets
import time

from django.db import DatabaseError, connection, transaction

from advocacy_site.models import ScheduledJob, Worker
from advocacy_site.schedule import running

from . import tasks

BEAT_SECONDS = 5
SILENCE = 30

BEAT = """
INSERT INTO advocacy_site_worker AS w (id, machine, pid, beats, started_at, seen_at)
VALUES (%(id)s, %(machine)s, %(pid)s, 0, now(), now())
ON CONFLICT (id) DO UPDATE SET beats = w.beats + 1, seen_at = now()
"""


class Pulse:
    """Our own sign of life, and what we know of the others'."""

    def __init__(self):
        self.id = secrets.token_hex(8)
        self.last = -BEAT_SECONDS
        # id: (the number we saw, since when). Without a row the number is None.
        self.seen: dict[str, tuple[int | None, float]] = {}

    def keep(self) -> None:
        """Beat, and free what the dead held, every few seconds. Call it often."""
        now = time.monotonic()
        if now - self.last < BEAT_SECONDS:
            return
        self.last = now
        with connection.cursor() as cursor:
            machine = platform.node()[:100]
            cursor.execute(BEAT, {"id": self.id, "machine": machine, "pid": os.getpid()})
        if dead := self.silent(now):
            bury(dead)

    def silent(self, now: float) -> list[str]:
        """Workers that hold something or have a row, and have not moved for long enough."""
        beats = dict.fromkeys(holders()) | dict(Worker.objects.values_list("id", "beats"))
        beats.pop(self.id, None)
        self.seen = {
            worker: self.seen[worker]
            if worker in self.seen and self.seen[worker][0] == number
            else (number, now)
            for worker, number in beats.items()
        }
        return [worker for worker, (_, since) in self.seen.items() if now - since >= SILENCE]

    def stop(self) -> None:
        """We end, and hold nothing any more."""
        try:
            bury([self.id])
        except DatabaseError:
            connection.close()  # the others will notice


def holders() -> set[str]:
    jobs = ScheduledJob.objects.exclude(claimed_by="").values_list("claimed_by", flat=True)
    return tasks.holders() | set(jobs)


@transaction.atomic
def bury(workers: list[str]) -> None:
    running.release(workers)
    tasks.take_back_from_dead(workers)
    Worker.objects.filter(pk__in=workers).delete()

"""What django-tasks-db 0.13 lacks, to be dropped when upstream has it.

Its worker leaves the task of a killed worker RUNNING for ever, tries nothing twice, and hangs
with a task that hangs. Here a task is tried five times at most, and then failed and told to
the operators. A try is counted when it is claimed (by upstream, in ``worker_ids``), so one
that takes its process down counts too. So a task may run twice: what it does must allow that.
"""

import logging
import mmap
import signal
import struct
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from advocacy_site.operators import tell_operators

from . import children

logger = logging.getLogger("harbor.workers")

MOST_TRIES = 5
# Seconds after the first failed try, the second, ... Together more than two hours: a mail
# relay may be away for that long.
WAITS = (5, 60, 900, 7200)
ASK_SECONDS = 0.5  # how long an idle runner waits before it looks for tasks again
# Libraries leak; a new process now and then forgets it.
TASKS_A_PROCESS = 1000


class EndedInBetween(Exception):
    """The process that ran the task ended before it did."""


class Deadline:
    """A moment of the monotonic clock in memory that parent and child share; 0: none."""

    def __init__(self):
        self.memory = mmap.mmap(-1, 8)

    def set(self, moment: float) -> None:
        self.memory[:] = struct.pack("d", moment)

    def is_over(self) -> bool:
        moment = struct.unpack("d", self.memory[:])[0]
        return bool(moment) and time.monotonic() > moment


class Runner(Worker):
    """Upstream's loop in a child process, with a deadline and second tries."""

    def __init__(self, name: str, deadline: Deadline):
        super().__init__(
            worker_id=name,
            queue_names=["*"],
            excluded_queue_names=[],
            backend_name="default",
            interval=ASK_SECONDS,
            max_tasks=TASKS_A_PROCESS,
            startup_delay=False,
            batch=False,
        )
        self.deadline = deadline

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self.finish)
        super().run()

    def finish(self, number, frame) -> None:
        """The task under way is the last one; a second signal changes nothing."""
        self.running = False

    def run_task(self, row: DBTaskResult) -> None:
        row.set_failed = partial(try_again_or_fail, row)
        self.deadline.set(time.monotonic() + limit_seconds(row.task_path))
        super().run_task(row)
        self.deadline.set(0)


def limit_seconds(task_path: str) -> float:
    return settings.TASK_LIMITS.get(task_path, settings.TASK_LIMIT_SECONDS)


def try_again_or_fail(row: DBTaskResult, error: BaseException) -> None:
    """Put the task back for later, or end it when it has had its tries."""
    tries = len(row.worker_ids)
    if tries >= MOST_TRIES:
        DBTaskResult.set_failed(row, error)
        tell_of_failure(row)
        return
    logger.warning("A task is tried again later: %s (%s)", row.task_path, type(error).__name__)
    row.status = "READY"
    row.run_after = timezone.now() + timedelta(seconds=WAITS[tries - 1])
    row.save(update_fields=["status", "run_after"])


def tell_of_failure(row: DBTaskResult) -> None:
    tell_operators(
        f"The task {row.task_path} failed",
        f"Task {row.id} was tried {MOST_TRIES} times; the last time: {row.exception_class_path}.\n"
        "Its traceback is in the admin under task results."
        " When the cause is gone: manage.py retry_tasks",
    )


def holders() -> set[str]:
    """The workers that run a task now, or died over it."""
    rows = DBTaskResult.objects.running().values_list("worker_ids", flat=True)
    return {worker_of(ids) for ids in rows}


def worker_of(ids: list[str]) -> str:
    """The supervisor: its children are called by its name, a dot and a number."""
    return ids[-1].partition(".")[0] if ids else ""


@transaction.atomic
def take_back(belongs: Callable[[list[str]], bool], why: str) -> int:
    """Put tasks back that nobody runs any more; return how many there were."""
    taken = 0
    for row in DBTaskResult.objects.running().select_for_update(skip_locked=True):
        if belongs(row.worker_ids):
            try_again_or_fail(row, EndedInBetween(why))
            taken += 1
    return taken


def take_back_from_dead(workers: list[str]) -> int:
    return take_back(lambda ids: worker_of(ids) in workers, "The worker ended.")


class Tasks:
    """The part of the supervisor that keeps one runner alive."""

    def __init__(self, worker: str):
        self.worker = worker
        self.count = 0
        self.deadline = Deadline()
        self.child: children.Child | None = None
        self.name = ""
        self.not_before = 0.0

    def look(self) -> None:
        if self.child is None:
            if time.monotonic() >= self.not_before:
                self.start()
        elif self.child.has_ended():
            self.replace(f"The process that ran it ended by itself (code {self.child.code}).")
        elif self.deadline.is_over():
            self.child.end()
            self.replace("It took longer than it may and was ended.")

    def start(self) -> None:
        self.count += 1
        self.name = f"{self.worker}.{self.count}"
        self.deadline.set(0)
        runner = Runner(self.name, self.deadline)
        self.child = children.start(runner.run)

    def replace(self, why: str) -> None:
        """What the ended runner held goes back first; should that fail, we come here again."""
        taken = take_back(lambda ids: ids[-1:] == [self.name], why)
        if not taken and self.child.code:  # without a task's fault: give the database a moment
            self.not_before = time.monotonic() + 2
        self.child = None

    def stop(self) -> None:
        if self.child is None:
            return
        self.child.send(signal.SIGTERM)
        deadline = time.monotonic() + children.GRACE_SECONDS
        while not self.child.has_ended() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.child.end()

"""The loop of ``manage.py worker`` and ``manage.py run_jobs``."""

import logging
import signal
import time

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from advocacy_site.schedule import Job, all_jobs, running

from . import children
from .numbers import Numbers
from .pulse import Pulse
from .reloading import Files, begin_anew
from .tasks import Tasks

logger = logging.getLogger("harbor.workers")

LOOK_SECONDS = 0.5
# A hanging job keeps its place until its limit; the others need some too.
JOBS_AT_ONCE = 4


class Schedule:
    """The jobs that run as children of this process."""

    def __init__(self, worker: str):
        self.worker = worker
        self.children: dict[Job, children.Child] = {}
        self.last = 0.0
        self.is_written_down = False
        self.all_went_well = True

    def look(self) -> None:
        for job, child in list(self.children.items()):
            if child.has_ended() or child.seconds > job.limit.total_seconds():
                self.close(job, child)
        if time.monotonic() - self.last >= 1:
            self.start_due()
            self.last = time.monotonic()

    def start_due(self) -> int:
        """Start what is due, and return how many that were."""
        if not self.is_written_down:
            running.write_down_jobs()
            self.is_written_down = True
        before = len(self.children)
        while len(self.children) < JOBS_AT_ONCE:
            names = [job.name for job in all_jobs().values() if job not in self.children]
            if (job := running.claim(self.worker, names)) is None:
                break
            self.children[job] = children.start(lambda job=job: running.run(job, self.worker))
        return len(self.children) - before

    def close(self, job: Job, child: children.Child) -> None:
        """Record a child that did not do so itself; it stays listed until that has worked."""
        late = not child.has_ended()
        child.end()
        words = (
            f"It was ended after {job.limit.total_seconds() / 60:.0f} minutes"
            if late
            else f"Its process ended by itself (code {child.code})"
        )
        running.record(job, self.worker, False, words, child.seconds)
        self.all_went_well &= child.code == 0
        del self.children[job]

    def stop(self) -> None:
        """Wait a little; what is cut off is due again."""
        deadline = time.monotonic() + children.GRACE_SECONDS
        while self.children and time.monotonic() < deadline:
            self.children = {j: c for j, c in self.children.items() if not c.has_ended()}
            time.sleep(0.05)
        for child in self.children.values():
            child.end()


class Supervisor:
    """Runs until it is asked to stop. The database may come and go meanwhile."""

    def __init__(self, *, tasks: bool = False, reload: bool = False):
        self.pulse = Pulse()
        self.parts = [Schedule(self.pulse.id)] + ([Tasks(self.pulse.id)] if tasks else [])
        if settings.METRICS_PORT:
            self.parts.append(Numbers(settings.METRICS_PORT))
        self.files = Files() if reload else None
        self.goes_on = True
        self.is_cut_off = False

    def run(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, self.ask_to_stop)
        while self.goes_on and not self.has_new_code():
            self.look()
            time.sleep(LOOK_SECONDS)
        for part in self.parts:
            part.stop()
        self.pulse.stop()
        if self.goes_on:
            begin_anew()

    def has_new_code(self) -> bool:
        return self.files is not None and self.files.have_changed()

    def run_what_is_due(self) -> bool:
        """Run each job that is due now once; tell whether all went well."""
        schedule = Schedule(self.pulse.id)
        self.pulse.keep()
        while schedule.start_due() or schedule.children:
            time.sleep(0.05)
            self.pulse.keep()
            schedule.look()
        self.pulse.stop()
        return schedule.all_went_well

    def ask_to_stop(self, number, frame) -> None:
        self.goes_on = False

    def look(self) -> None:
        try:
            self.pulse.keep()
            for part in self.parts:
                part.look()
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            if not self.is_cut_off:
                logger.warning("The database does not answer the worker: %s", type(error).__name__)
            self.is_cut_off = True
        else:
            self.is_cut_off = False

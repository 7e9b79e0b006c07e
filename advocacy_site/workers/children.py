"""Child processes of the supervisor: begun by fork, so that Django is loaded already."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connections

from advocacy_site.metrics.serving import keep_numbers_of

logger = logging.getLogger("harbor.workers")

GRACE_SECONDS = 6  # for what is under way, when we are asked to stop


@dataclass
class Child:
    pid: int
    began: float = field(default_factory=time.monotonic)
    code: int | None = None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def has_ended(self) -> bool:
        """Ask the system without waiting. ``code`` is as for subprocess: -9 for SIGKILL."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.ended_with(status)
        return self.code is not None

    def send(self, number: int) -> None:
        if self.code is None:
            os.kill(self.pid, number)

    def end(self) -> None:
        """At once, whatever it is doing."""
        if not self.has_ended():
            os.kill(self.pid, signal.SIGKILL)
            self.ended_with(os.waitpid(self.pid, 0)[1])

    def ended_with(self, status: int) -> None:
        self.code = os.waitstatus_to_exitcode(status)
        try:
            keep_numbers_of(self.pid)
        except Exception:
            logger.exception("What a child had counted could not be kept")


def start(function: Callable[[], object]) -> Child:
    """Run ``function`` in a child; its exit code is 0 when nothing was raised.

    The child shares no connection with us, and ends by itself when we are gone.
    """
    connections.close_all()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return Child(pid)
    code = 1
    try:
        become_child()
        function()
        code = 0
    except SystemExit as wanted:
        code = wanted.code if isinstance(wanted.code, int) else 0
    except BaseException:
        logger.exception("A child of the worker ended with an error")
    finally:
        logging.shutdown()
        os._exit(code)  # none of the parent's exit handlers


def become_child() -> None:
    """Ctrl-C reaches the whole group: the supervisor decides when a child ends."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    parent = os.getppid()
    threading.Thread(target=end_with, args=[parent], daemon=True).start()


def end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)

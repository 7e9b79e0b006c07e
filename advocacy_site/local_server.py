"""The programs of a local run: started, watched, started again, ended.

Every program gets a session of its own, so that Ctrl-C in a terminal reaches the supervisor
alone and it can end them in order. All carry the mark ``HARBOR_SUPERVISED`` in their
environment, which is how a later start finds those whose supervisor was killed.
"""

import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

MARK = "HARBOR_SUPERVISED"
GRACE_SECONDS = 8  # for a request or task under way, before it is ended the hard way
# A program that falls over this often within a minute will not get better by itself.
MOST_RESTARTS = 3


class LocalServerError(Exception):
    """One sentence on why the site stopped or did not start."""


@dataclass
class Program:
    """``name`` as a person would say it: "The site", "The worker"."""

    name: str
    command: list[str]
    owner: Path
    starts: list[float] = field(default_factory=list)
    process: subprocess.Popen | None = None

    def start(self) -> None:
        self.starts.append(time.monotonic())
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=os.environ | {MARK: str(self.owner)},
        )

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def restart(self) -> None:
        """Start it again and say so; raises LocalServerError when that is of no use."""
        self.kill()  # what it left behind may hold the port
        minute_ago = time.monotonic() - 60
        self.starts = [moment for moment in self.starts if moment > minute_ago]
        if len(self.starts) > MOST_RESTARTS:
            raise LocalServerError(
                f"{self.name} ended {len(self.starts)} times within a minute, so all was stopped."
                " The lines above say why."
            )
        print(f"{self.name} ended by itself (code {self.process.returncode}). Starting it again.")
        self.start()

    def ask_to_end(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def _signal(self, number: int) -> None:
        try:
            if self.process is not None:
                os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass  # the whole group has gone


def end_all(programs: list[Program]) -> None:
    """Ask all to end, wait, and make sure of it."""
    for program in programs:
        program.ask_to_end()
    deadline = time.monotonic() + GRACE_SECONDS
    while not all(program.process is None or program.has_ended() for program in programs):
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    for program in programs:
        program.kill()


def end_orphans(owner: Path) -> int:
    """End what an earlier run of this checkout left alive; return how many there were."""
    orphans = [process for process in psutil.process_iter() if _is_marked(process, owner)]
    for process in orphans:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    deadline = time.monotonic() + 5
    while any(map(_is_alive, orphans)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return len(orphans)


def _is_alive(process: psutil.Process) -> bool:
    """A zombie is dead. In a container without an init it stays one for ever."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_marked(process: psutil.Process, owner: Path) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get(MARK) == str(owner)
    except (psutil.Error, OSError):
        return False  # another person's, or already gone


def port_gets_free(port: int, seconds: float) -> bool:
    """Tell whether the port is free now or becomes so within that time."""
    deadline = time.monotonic() + seconds
    while not port_is_free(port):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def port_is_free(port: int) -> bool:
    """Nobody answers there, by either meaning of localhost, and it may be taken."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as client:
                client.settimeout(1)
                if client.connect_ex((host, port)) == 0:
                    return False
        except OSError:
            continue  # a machine without that family
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def page_status(port: int) -> int | None:
    """The status of the first page, or None while nothing answers.

    Asked directly, because urllib would go through a proxy named in the environment.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()

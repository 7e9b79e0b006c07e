"""Start the embedded Postgres for tests, before pytest-django reads the settings.

Used by ``addopts`` in pyproject.toml. A DATABASE_URL from outside is left alone. Under xdist
only the controller comes here with none set; its workers inherit the address.
"""

import atexit
import fcntl
import os
from itertools import count
from pathlib import Path

import pytest

from advocacy_site.local_postgres import TEST_SETTINGS, LocalPostgres, LocalPostgresError
from advocacy_site.settings.base import VAR

_server = LocalPostgres(VAR / "postgres-test", TEST_SETTINGS)
_own_name = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config, parser, args):
    """A wrapper runs before every other plug-in's hook of this name."""
    if not os.environ.get("DATABASE_URL"):
        start()
    return (yield)


def start() -> None:
    global _own_name
    try:
        _server.enter()
    except LocalPostgresError as error:
        raise pytest.UsageError(str(error)) from None
    atexit.register(stop)
    name, _own_name = take_name(VAR)
    os.environ["DATABASE_URL"] = _server.url(name)


def take_name(folder: Path):
    """The first database name no other run of this checkout holds, and the lock on it.

    The names stay the same from run to run, so that ``--reuse-db`` finds its database.
    """
    for number in count(1):
        lock = (folder / f"postgres-test.run{number}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return f"harbor{number}", lock
        except BlockingIOError:
            lock.close()


def pytest_unconfigure(config):
    stop()


def stop() -> None:
    """Safe to repeat: a run that ends before it is configured comes here at exit only."""
    global _own_name
    if _own_name is not None:
        _own_name.close()
        _own_name = None
        _server.leave()

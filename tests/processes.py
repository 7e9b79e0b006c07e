"""Real Python processes on the test's database, for what dies, hangs or runs twice.

A test that uses this needs ``pytest.mark.django_db(transaction=True)``: the others see only
what is committed.
"""

import os
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest
from django.db import connection

from advocacy_site.settings.base import ROOT

SETTINGS = """
from advocacy_site.settings.test import *
import os
DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE_NAME"]
"""


@pytest.fixture
def start_process(tmp_path):
    """``start_process(code, settings="...", NAME="value")``: run Python code after django.setup().

    Its output is in ``tmp_path/processes.log``; whatever still runs in the end is killed.
    """
    started = []

    def start(code, settings="", **environment):
        name = f"process_settings_{len(started)}"
        (tmp_path / f"{name}.py").write_text(SETTINGS + settings)
        environment = os.environ | {
            "PYTHONPATH": f"{tmp_path}:{ROOT}",
            "DJANGO_SETTINGS_MODULE": name,
            "TEST_DATABASE_NAME": connection.settings_dict["NAME"],
            **environment,
        }
        with (tmp_path / "processes.log").open("a") as log:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-c", "import django; django.setup()\n" + code],
                    env=environment,
                    cwd=ROOT,
                    stdout=log,
                    stderr=log,
                )
            )
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:  # a server's own children would outlive it
            family = psutil.Process(process.pid).children(recursive=True)
            for child in [process, *family]:
                with suppress(psutil.NoSuchProcess):
                    child.kill()
        process.wait()


def wait_until(condition, seconds=30, what="it never happened"):
    """Return how many seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, what
        time.sleep(0.02)
    return time.monotonic() - began

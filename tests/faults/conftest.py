"""The house that tests of faults break."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from advocacy_site.local_postgres import LocalPostgres
from tests.bench.site import ROOT
from tests.faults.house import House


@pytest.fixture(scope="session")
def furnished():
    """(HARBOR_VAR, a Postgres that may be killed) with the demonstration.

    Not in pytest's folder: another run of pytest closes that to the user Postgres runs as.
    """
    folder = Path(tempfile.mkdtemp(prefix="harbor-faults-"))
    postgres = LocalPostgres(folder / "postgres")
    postgres.enter()
    postgres.ensure_database("harbor")
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "advocacy_site.settings.local",
        "DATABASE_URL": postgres.url("harbor"),
        "HARBOR_VAR": str(folder),
    }
    for words in (["migrate"], ["demo_data"], ["collectstatic", "--no-input"]):
        command = [sys.executable, "manage.py", *words, "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    yield folder, postgres
    postgres.leave()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def house(furnished):
    folder, postgres = furnished
    postgres.ensure_running()
    house = House(folder, postgres)
    yield house
    house.end()
    postgres.ensure_running()

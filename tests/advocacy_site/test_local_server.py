"""The local run and its database, started, ended and killed as people and machines do it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection

import psutil
import pytest

from advocacy_site.local_postgres import TEST_SETTINGS, LocalPostgres
from advocacy_site.settings.base import ROOT

# One worker runs them all: they share a folder, and so the slow first start.
pytestmark = pytest.mark.xdist_group("local_server")


class Run:
    """``manage.py serve`` in a folder of its own, and what it printed."""

    def __init__(self, var, port):
        self.var, self.port = var, port
        self.output = var.with_suffix(f".{port}.{time.monotonic_ns()}.txt")
        ours = {"HARBOR_VAR": str(var)}
        inherited = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "HARBOR_STARTED", "DEBUG"}
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--no-demo", "--port", str(port)],
                cwd=ROOT,
                env={key: value for key, value in os.environ.items() if key not in inherited}
                | ours,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def printed(self):
        return self.output.read_text()

    def wait_until(self, condition, seconds=40):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.printed()
            time.sleep(0.05)

    def wait_until_ready(self):
        self.wait_until(lambda: self.has_ended() or "Ready after" in self.printed())
        assert not self.has_ended(), self.printed()
        assert status(self.port, "/health/ready") == 200
        return self

    def has_ended(self):
        return self.process.poll() is not None

    def family(self):
        """Every process it started, the database's main one included."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [*children, self.postmaster()]

    def postmaster(self):
        return psutil.Process(int((self.var / "postgres/postmaster.pid").read_text().split()[0]))

    def stop(self, number):
        self.process.send_signal(number)
        return self.process.wait(30)


def status(port, path):
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def alive(processes):
    """A zombie is dead; only nobody has asked after it, as in a container without an init."""
    return [
        process
        for process in processes
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def var(tmp_path_factory):
    return tmp_path_factory.mktemp("local-server") / "var"


@pytest.fixture
def run(var):
    """Start runs; whatever is left of them when the test ends is killed."""
    runs = []

    def start(port=None):
        runs.append(Run(var, port or free_port()))
        return runs[-1]

    yield start
    for each in runs:
        if not each.has_ended():
            each.stop(signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_leaves_nothing_behind(run, number):
    site = run().wait_until_ready()
    family = site.family()
    assert len(family) >= 4  # Granian and its worker, the task worker, Postgres
    assert site.stop(number) == 0
    assert "Traceback" not in site.printed()
    assert not alive(family)


def test_a_killed_run_is_cleared_away_by_the_next(run):
    killed = run().wait_until_ready()
    orphans = killed.family()
    killed.process.kill()
    killed.process.wait()
    assert alive(orphans)
    site = run(killed.port).wait_until_ready()
    assert "Ended what an earlier run had left behind." in site.printed()
    assert site.stop(signal.SIGINT) == 0
    assert not alive(orphans)


def test_a_start_after_everything_was_killed(run):
    killed = run().wait_until_ready()
    processes = [psutil.Process(killed.process.pid), *killed.family()]
    for process in processes:
        process.kill()
    killed.process.wait()
    assert run(killed.port).wait_until_ready().stop(signal.SIGINT) == 0


def test_a_part_that_dies_is_started_again(run):
    site = run().wait_until_ready()
    psutil.Process(site.process.pid).children()[0].kill()
    site.postmaster().kill()
    site.wait_until(lambda: "The site ended by itself" in site.printed())
    site.wait_until(lambda: "The database ended by itself" in site.printed())
    site.wait_until(lambda: status(site.port, "/health/ready") == 200)
    assert site.stop(signal.SIGINT) == 0


def test_a_port_in_use_is_one_sentence_that_names_another(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        site = run(port)
        assert site.process.wait(30) == 1
    (sentence,) = site.printed().strip().splitlines()
    assert f"Port {port} is in use" in sentence
    assert f"PORT={port + 1}" in sentence


def test_a_second_run_of_the_same_checkout_says_where_the_first_is(run):
    first = run().wait_until_ready()
    second = run()
    assert second.process.wait(30) == 1
    assert f"already runs at http://localhost:{first.port};" in second.printed()
    assert status(first.port, "/health/ready") == 200


@pytest.fixture
def server(tmp_path):
    server = LocalPostgres(tmp_path / "postgres", TEST_SETTINGS)
    yield server
    server.leave()


def test_the_last_one_to_leave_stops_the_database(server):
    neighbor = LocalPostgres(server.folder, TEST_SETTINGS)
    server.enter()
    neighbor.enter()
    server.leave()
    assert neighbor.is_running()
    neighbor.leave()
    assert not neighbor.is_running()


def test_a_remembered_number_that_is_another_programs_now_fools_nobody(server):
    server.enter()
    pid_file = server.folder / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.leave()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert not server.is_running()
    server.enter()
    assert server.is_running()


def test_a_folder_with_a_long_name_and_a_space(tmp_path):
    server = LocalPostgres(tmp_path / ("a long name " * 10) / "postgres", TEST_SETTINGS)
    server.enter()
    try:
        server.ensure_database("harbor")
        assert server.is_running()
    finally:
        server.leave()


def prepare_venv(checkout, *pythons):
    """Run the script in a checkout whose PATH has nothing but the given made-up Pythons."""
    programs = checkout / "programs"
    (checkout / "advocacy_site").mkdir(parents=True)
    programs.mkdir()
    shutil.copy(ROOT / "advocacy_site/prepare_venv.sh", checkout / "advocacy_site")
    for tool in ("sh", "head", "dirname", "cat"):
        (programs / tool).symlink_to(shutil.which(tool))
    for name, script in pythons:
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    return subprocess.run(
        ["sh", checkout / "advocacy_site/prepare_venv.sh"],
        env={"PATH": str(programs), "HOME": str(checkout)},
        capture_output=True,
        text=True,
    )


def test_without_a_python_that_runs_one_line_says_what_to_install(tmp_path):
    shim = ("python3.13", 'echo "pyenv: version not installed" >&2; exit 127')
    old = ("python3", "exit 1")
    done = prepare_venv(tmp_path / "checkout", shim, old)
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert "install Python 3.13" in sentence


def test_a_shim_that_fails_is_passed_over(tmp_path):
    shim = ("python3.13", "exit 127")
    python = ("python3.12", 'case "$1" in -c) exit 0;; *) echo "Python 3.12.9";; esac; exit 3')
    done = prepare_venv(tmp_path / "checkout", shim, python)
    assert "Making .venv with Python 3.12.9" in done.stdout

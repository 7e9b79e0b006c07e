"""Jobs on two machines at once, jobs that raise, hang and exit, and workers that are killed."""

import signal

import pytest
from django.db import connection
from django.utils import timezone

from advocacy_site.models import ScheduledJob, Worker
from tests.processes import start_process, wait_until

__all__ = ["start_process"]
pytestmark = pytest.mark.django_db(transaction=True)

# The schedule of these processes: GOOD jobs, and what JOBS adds.
RUN = """
import os, time
from datetime import timedelta
from pathlib import Path
from advocacy_site import schedule
from advocacy_site.schedule import running
from advocacy_site.workers import pulse, supervisor
from django.db import connection

running.FIRST_RUN_WITHIN = timedelta(0)
pulse.BEAT_SECONDS, pulse.SILENCE = 0.2, 2
supervisor.LOOK_SECONDS = 0.05
log = Path(os.environ["LOG"])
schedule.all_jobs()
schedule._jobs.clear()

def note(word):
    with log.open("a") as file:
        file.write(word + "\\n")

def add(name, function, limit=60):
    schedule._jobs[name] = schedule.Job(
        name, timedelta(days=1), timedelta(seconds=limit), function)

for number in range(12):
    add(f"good.{number:02}", lambda number=number: note(f"good.{number:02}"))
exec(os.environ["JOBS"])
getattr(supervisor.Supervisor(), os.environ["HOW"])()
"""


@pytest.fixture
def start(start_process, tmp_path):
    log = tmp_path / "notes"
    log.touch()

    def start(jobs="", how="run"):
        return start_process(RUN, JOBS=jobs, HOW=how, LOG=str(log))

    start.notes = lambda: log.read_text().split()
    return start


def finished(count):
    return lambda: ScheduledJob.objects.exclude(finished_at=None).count() >= count


def test_two_machines_run_each_job_once(start):
    slow = "add('slow', lambda: (note('slow'), time.sleep(1)))"
    start(slow), start(slow)
    wait_until(finished(13))
    assert sorted(start.notes()) == [f"good.{number:02}" for number in range(12)] + ["slow"]
    assert Worker.objects.count() == 2


def test_jobs_that_raise_hang_and_exit_do_not_stop_the_others(start):
    start(
        "add('a.raises', lambda: 1 / 0)\n"
        "add('a.exits', lambda: os._exit(7))\n"
        "add('a.hangs', lambda: time.sleep(600), limit=1)\n"
        "add('a.spins', lambda: [None for _ in iter(int, 1)], limit=1)\n"
    )
    took = wait_until(finished(16))
    print(f"12 good jobs and 4 bad ones took {took:.1f} s")
    assert len(start.notes()) == 12
    words = dict(ScheduledJob.objects.filter(outcome="failed").values_list("name", "words"))
    assert words.keys() == {"a.raises", "a.exits", "a.hangs", "a.spins"}
    assert "ZeroDivisionError" in words["a.raises"] and "code 7" in words["a.exits"]
    assert "ended after" in words["a.hangs"] and "ended after" in words["a.spins"]


def test_no_transaction_is_open_while_a_job_runs(start):
    start("add('long', lambda: (note('began'), time.sleep(3)))")
    wait_until(lambda: "began" in start.notes())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
            " AND datname = current_database()"
        )
        assert cursor.fetchone() == (0,)
    assert ScheduledJob.objects.get(pk="long").claimed_by


def test_the_job_of_a_killed_worker_runs_again_elsewhere(start):
    job = "add('long', lambda: (note(f'began-{os.getppid()}'), time.sleep(1.5), note('ended')))"
    first = start(job)
    wait_until(lambda: f"began-{first.pid}" in start.notes())
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = start(job)
    took = wait_until(lambda: f"began-{second.pid}" in start.notes())
    print(f"begun again {took:.1f} s after the kill, with 2 s of silence")
    wait_until(lambda: ScheduledJob.objects.get(pk="long").outcome == "done")
    assert start.notes().count("ended") == 1  # the child of the killed one ended with it
    wait_until(lambda: Worker.objects.count() == 1)


def test_a_worker_that_is_asked_to_stop_lets_a_short_job_finish(start):
    process = start("add('short', lambda: (note('began'), time.sleep(1), note('ended')))")
    wait_until(lambda: "began" in start.notes())
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert "ended" in start.notes() and not Worker.objects.exists()


def test_once_runs_what_is_due_and_ends(start):
    assert start(how="run_what_is_due").wait(30) == 0
    assert len(start.notes()) == 12
    assert start(how="run_what_is_due").wait(30) == 0
    assert len(start.notes()) == 12
    ScheduledJob.objects.update(next_at=timezone.now())
    assert start(how="run_what_is_due").wait(30) == 0
    assert len(start.notes()) == 24

"""Tasks outlive their worker: killed, exited, hung, raising. Real processes, a real queue."""

import signal
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from advocacy_site.models import Worker
from advocacy_site.workers import pulse, tasks
from tests.processes import start_process, wait_until

__all__ = ["start_process"]
pytestmark = pytest.mark.django_db(transaction=True)

TASKS = """
import os, time
from pathlib import Path
from django.tasks import task

def note(word):
    with Path(os.environ["LOG"]).open("a") as file:
        file.write(word + "\\n")

@task()
def good(number):
    note(f"good.{number}")

@task()
def slow(number, seconds):
    note(f"began.{number}")
    time.sleep(seconds)
    note(f"ended.{number}")

@task()
def raises():
    note("raises")
    raise ValueError("no")

@task()
def exits():
    note("exits")
    os._exit(3)

@task()
def hangs():
    note("hangs")
    time.sleep(600)

@task()
def leaves():
    note("leaves")
    raise SystemExit(0)
"""
RUN = """
import os
from advocacy_site import schedule
from advocacy_site.workers import pulse, supervisor, tasks

schedule.all_jobs()
schedule._jobs.clear()
pulse.BEAT_SECONDS, pulse.SILENCE = 0.2, float(os.environ["SILENCE"])
supervisor.LOOK_SECONDS = tasks.ASK_SECONDS = 0.05
tasks.WAITS = (0.1, 0.1, 0.1, 0.1)
supervisor.Supervisor(tasks=True).run()
"""
SETTINGS = """
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
TASK_LIMIT_SECONDS = 1
"""


@pytest.fixture
def start(start_process, tmp_path):
    (tmp_path / "work.py").write_text(TASKS)
    log = tmp_path / "notes"
    log.touch()

    def start(silence=2, limit=1):
        settings = SETTINGS + f"TASK_LIMIT_SECONDS = {limit}\n"
        return start_process(RUN, settings, LOG=str(log), SILENCE=str(silence))

    start.notes = lambda: log.read_text().split()
    return start


def enqueue(name, *args):
    return DBTaskResult(
        args_kwargs={"args": args, "kwargs": {}},
        task_path=f"work.{name}",
        queue_name="default",
        backend_name="default",
        run_after=get_date_max(),
    )


def enqueue_all(*rows):
    DBTaskResult.objects.bulk_create(rows)


def done(count):
    return lambda: DBTaskResult.objects.successful().count() == count


def test_a_hundred_good_tasks_finish_around_those_that_raise_exit_and_hang(start):
    bad = [enqueue(name) for name in ("raises", "exits", "hangs", "leaves")]
    good = [enqueue("good", number) for number in range(100)]
    enqueue_all(*good[:50], *bad, *good[50:])
    start()
    took = wait_until(done(100))
    print(f"100 good tasks around 4 bad ones: {took:.1f} s")
    wait_until(lambda: DBTaskResult.objects.failed().count() == 4)
    for name in ("raises", "exits", "hangs", "leaves"):
        assert start.notes().count(name) == tasks.MOST_TRIES
    assert len([word for word in start.notes() if word.startswith("good")]) == 100
    failed = {row.task_path: row for row in DBTaskResult.objects.failed()}
    assert failed["work.raises"].exception_class_path == "builtins.ValueError"
    assert "code 3" in failed["work.exits"].traceback
    assert "longer than it may" in failed["work.hangs"].traceback


def test_the_task_of_a_killed_worker_goes_to_another(start):
    enqueue_all(enqueue("slow", 1, 3))
    first = start(limit=60)
    wait_until(lambda: "began.1" in start.notes())
    second = start(limit=60)
    wait_until(lambda: Worker.objects.count() == 2)
    first.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    first.wait()
    wait_until(lambda: start.notes().count("began.1") == 2)
    print(f"begun again {time.monotonic() - killed:.1f} s after the kill, with 2 s of silence")
    wait_until(done(1))
    assert start.notes().count("ended.1") == 1
    assert second.poll() is None


def test_a_dead_workers_tasks_are_back_within_a_minute():
    """The figures of production: silence is noticed at the next beat after it."""
    assert pulse.SILENCE + 2 * pulse.BEAT_SECONDS + tasks.WAITS[0] <= 60


def test_killed_again_and_again_under_load_loses_no_task(start):
    enqueue_all(*[enqueue("good", number) for number in range(300)])
    enqueue_all(*[enqueue("slow", number, 0.05) for number in range(60)])
    kills = 0
    for _ in range(5):
        worker = start(silence=1, limit=60)
        before = len(start.notes())
        wait_until(lambda b=before: len(start.notes()) > b + 20)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        kills += 1
    start(silence=1, limit=60)
    wait_until(done(360), 60)
    goods = [word for word in start.notes() if word.startswith("good")]
    print(f"{kills} kills, {len(goods) - 300} tasks ran twice, none was lost")
    assert set(goods) == {f"good.{number}" for number in range(300)}


def test_asked_to_stop_the_task_under_way_is_finished(start):
    enqueue_all(enqueue("slow", 1, 1), enqueue("slow", 2, 1))
    worker = start(limit=60)
    wait_until(lambda: "began.1" in start.notes() or "began.2" in start.notes())
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    assert DBTaskResult.objects.successful().count() == 1
    assert DBTaskResult.objects.ready().count() == 1
    assert not Worker.objects.exists()


def test_what_an_unknown_worker_left_running_goes_back_too(start):
    row = enqueue("good", 1)
    row.status, row.worker_ids = "RUNNING", ["somebody-long-gone"]
    enqueue_all(row)
    start()
    wait_until(done(1))


def test_failed_tasks_get_new_tries_when_an_operator_says_so(start):
    row = enqueue("good", 1)
    row.status, row.worker_ids = "FAILED", ["a", "b", "c", "d", "e"]
    row.finished_at = timezone.now() - timedelta(days=1)
    enqueue_all(row)
    call_command("retry_tasks", dry_run=True)
    assert DBTaskResult.objects.failed().count() == 1
    call_command("retry_tasks")
    start()
    wait_until(done(1))

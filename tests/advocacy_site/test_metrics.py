import re
import socket
import urllib.request

import pytest
from django.core.management import call_command
from django_tasks_db.models import DBTaskResult, get_date_max

from advocacy_site import mail, metrics
from advocacy_site.metrics import all_gauges, serving
from tests.processes import start_process, wait_until

__all__ = ["start_process"]
pytestmark = pytest.mark.django_db


def number(text, name):
    """The value of one line, labels included in ``name``; 0 when there is none."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0


def test_requests_are_counted_by_their_pattern_never_by_what_matched(client):
    name = 'harbor_requests_total{method="GET",route="(no such page)",status="404"}'
    before = number(serving.as_text(), name)
    client.get("/ann@example.com/")
    client.get("/emails/confirm/s3cret-token/")
    text = serving.as_text()
    assert number(text, name) == before + 1
    assert 'route="/emails/confirm/<str:token>/"' in text or "/emails/confirm/<" in text
    assert "ann" not in text and "s3cret" not in text


def test_latency_and_queries_are_counted(client):
    seconds, queries = (
        'harbor_request_seconds_count{method="GET"}',
        'harbor_queries_total{method="GET"}',
    )
    before = serving.as_text()
    client.get("/articles/")
    after = serving.as_text()
    assert number(after, seconds) == number(before, seconds) + 1
    assert number(after, queries) > number(before, queries)


def test_mails_are_counted_by_how_they_went():
    name = 'harbor_mails_total{outcome="sent"}'
    before = number(serving.as_text(), name)
    mail.send("account-closed", "ann@example.com", {})
    assert number(serving.as_text(), name) == before + 1


def test_the_database_is_asked_for_what_waits():
    DBTaskResult.objects.create(run_after=get_date_max(), args_kwargs={})
    text = serving.as_text()
    assert number(text, "harbor_tasks_waiting") == 1
    assert number(text, "harbor_oldest_task_seconds") < 60
    assert number(text, "harbor_database_up") == 1
    assert "harbor_held_comments 0.0" in text


def test_without_the_database_the_counters_are_still_told(monkeypatch):
    from django.db import OperationalError

    def fails():
        raise OperationalError("gone")

    monkeypatch.setitem(metrics._gauges, "a", metrics.Gauge("a", "first of all", fails))
    text = serving.as_text()
    assert number(text, "harbor_database_up") == 0
    assert "harbor_request" in text


def test_every_gauge_answers_a_number():
    assert len(all_gauges()) >= 8
    for gauge in all_gauges():
        assert gauge.ask() >= 0


COUNTING = """
from advocacy_site import metrics
from advocacy_site.workers import children
import time

def child():
    metrics.CACHE.labels("hit").inc(3)

metrics.CACHE.labels("hit").inc(1)
for _ in range(2):
    one = children.start(child)
    while not one.has_ended():
        time.sleep(0.01)
"""


@pytest.mark.django_db(transaction=True)
def test_numbers_of_all_processes_are_one_sum_and_outlive_their_process(start_process, tmp_path):
    folder = f"from pathlib import Path\nMETRICS_FOLDER = Path({str(tmp_path / 'numbers')!r})\n"
    assert start_process(COUNTING, folder).wait(30) == 0
    assert start_process(COUNTING, folder).wait(30) == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start_process(
        "from advocacy_site.workers.supervisor import Supervisor\nSupervisor().run()",
        folder + f"METRICS_PORT = {port}\n",
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    text = ""

    def is_told():
        nonlocal text
        try:
            text = opener.open(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
        except OSError:
            return False
        return True

    wait_until(is_told)
    assert number(text, 'harbor_cache_pages_total{outcome="hit"}') == 14
    assert number(text, "harbor_database_up") == 1
    # Two processes and, for each, what its two children had counted.
    assert len(list((tmp_path / "numbers").glob("counter_*"))) == 4


def test_the_numbers_can_be_printed(capsys):
    call_command("metrics")
    assert "harbor_workers 0.0" in capsys.readouterr().out

"""A letter goes out once to each, whatever dies: workers killed at random moments, two workers
at once, the database restarted. Real processes, a real database, a real mail server."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from advocacy_site.settings.base import ROOT
from community.newsletter import consent, sending
from community.newsletter.models import Delivery, Issue, Subscriber
from tests.factories import make_issue
from tests.mail_server import running_mail_server

pytestmark = pytest.mark.django_db(transaction=True)

SETTINGS = """
from advocacy_site.settings.test import *
from tests.mail_server import mailers
import os
MAILERS = mailers(int(os.environ["MAIL_PORT"]))
DATABASES["default"]["NAME"] = os.environ["RACE_DATABASE"]
"""
RUN = """
import os, django
django.setup()
from community.newsletter import ledger, sending
ledger.LEASE_SECONDS = float(os.environ["LEASE"])
from django.core.management import call_command
call_command("send_due", "--forever")
"""


@pytest.fixture
def server():
    with running_mail_server() as server:
        yield server


@pytest.fixture
def start_worker(server, tmp_path):
    (tmp_path / "race_settings.py").write_text(SETTINGS)
    started = []

    def start(lease=10):
        environment = os.environ | {
            "PYTHONPATH": f"{tmp_path}:{ROOT}",
            "DJANGO_SETTINGS_MODULE": "race_settings",
            "MAIL_PORT": str(server.port),
            "RACE_DATABASE": connection.settings_dict["NAME"],
            "LEASE": str(lease),
        }
        with (tmp_path / "workers.log").open("a") as log:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-c", RUN], env=environment, cwd=ROOT, stdout=log, stderr=log
                )
            )
        return started[-1]

    yield start
    for worker in started:
        worker.kill()
        worker.wait()


def make_recipients(count):
    Subscriber.objects.bulk_create(
        Subscriber(email=f"reader{n}@example.com", wants_letter=True, confirmed_at=timezone.now())
        for n in range(count)
    )


def wait_for(condition, seconds=180):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, dict(
            Counter(Delivery.objects.values_list("state", flat=True))
        )
        time.sleep(0.05)


def is_sent(issue):
    return Issue.objects.get(pk=issue.pk).state == "sent"


def count_up(server, recipients, most_doubtful):
    """Nobody twice, nobody lost but those the written rule allows; how many those were."""
    received = Counter(str(mail["To"]) for mail in server.mails)
    assert max(received.values()) == 1
    doubtful = set(
        Delivery.objects.filter(state="doubtful").values_list("subscriber__email", flat=True)
    )
    sent = set(Delivery.objects.filter(state="sent").values_list("subscriber__email", flat=True))
    assert len(sent) + len(doubtful) == recipients and sent <= received.keys()
    assert received.keys() - sent <= doubtful and len(doubtful) <= most_doubtful
    return len(doubtful)


def test_a_worker_killed_twenty_times_loses_at_most_the_mail_in_flight(server, start_worker):
    make_recipients(2000)
    issue = make_issue()
    sending.start(issue)
    choose = random.Random(7)
    kills, longest = 0, 0
    for _ in range(20):
        before = len(server.mails)
        worker = start_worker()
        started = time.monotonic()
        wait_for(lambda b=before: len(server.mails) > b or is_sent(issue))  # it is going again
        longest = max(longest, time.monotonic() - started)
        time.sleep(choose.uniform(0, 0.12))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        kills += not is_sent(issue)
    start_worker()
    wait_for(lambda: is_sent(issue))
    doubtful = count_up(server, 2000, most_doubtful=20)
    print(f"kills: {kills}, in doubt: {doubtful}, going again after {longest:.1f} s at most")
    assert kills >= 10 and longest < 60


def test_two_workers_share_the_work_and_never_a_person(server, start_worker):
    make_recipients(800)
    issue = make_issue()
    sending.start(issue)
    start_worker(lease=30), start_worker(lease=30)
    wait_for(lambda: is_sent(issue))
    count_up(server, 800, most_doubtful=0)
    assert len(set(Delivery.objects.values_list("worker", flat=True))) >= 2


def test_connections_to_the_database_cut_in_the_middle_cost_nothing(server, start_worker):
    make_recipients(600)
    issue = make_issue()
    sending.start(issue)
    worker = start_worker(lease=30)
    cut = 0
    for goal in (50, 200, 400):
        wait_for(lambda g=goal: len(server.mails) > g)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            cut += cursor.fetchone()[0]
    wait_for(lambda: is_sent(issue))
    assert cut >= 3 and worker.poll() is None
    count_up(server, 600, most_doubtful=0)


def test_no_mail_is_begun_a_second_after_someone_stopped(server, start_worker):
    make_recipients(1500)
    issue = make_issue()
    sending.start(issue)
    start_worker(lease=30)
    wait_for(lambda: len(server.mails) > 100)
    received = {str(mail["To"]) for mail in list(server.mails)}
    waiting = list(Subscriber.objects.exclude(email__in=received).order_by("pk")[:300])
    stopped = {}
    for subscriber in waiting[::10]:
        consent.stop(subscriber, page="/")
        stopped[subscriber.email] = time.time()
    wait_for(lambda: is_sent(issue))
    # By the mail server's own watch: what came to people who had stopped, and how much later.
    came = dict(zip((str(mail["To"]) for mail in server.mails), server.arrived, strict=True))
    late = {email: came[email] - at for email, at in stopped.items() if email in came}
    latest = max(late.values(), default=0)
    print(f"mails that still came: {len(late)}, the last {latest:.3f} s after")
    assert latest <= 1, late
    skipped = Delivery.objects.filter(state="skipped").values_list("subscriber__email", flat=True)
    assert set(skipped) == stopped.keys() - late.keys() and len(skipped) >= 20


def test_a_hold_takes_effect_within_a_second(server, start_worker):
    make_recipients(1500)
    issue = make_issue()
    sending.start(issue)
    start_worker(lease=30)
    wait_for(lambda: len(server.mails) > 50)
    sending.hold(issue, "Wait.")
    time.sleep(1)
    count = len(server.mails)
    time.sleep(1)
    assert len(server.mails) == count < 1500
    assert sending.resume(issue)
    wait_for(lambda: is_sent(issue))
    count_up(server, 1500, most_doubtful=0)

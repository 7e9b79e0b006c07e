"""The database crashes while a letter goes out, and forgets what it had not written down.

A Postgres of its own, told to write its log as seldom as it can: without the worker's memory and
the mark in the UNLOGGED table the same people would get the letter twice.
"""

import os
import signal
import time
from collections import Counter

import psycopg2
import pytest

from advocacy_site.local_postgres import TEST_SETTINGS, LocalPostgres
from community.newsletter.ledger import BATCH
from tests.mail_server import running_mail_server
from tests.processes import start_process, wait_until

__all__ = ["start_process"]

pytestmark = pytest.mark.django_db(transaction=True)

RECIPIENTS = 500
FORGETFUL = TEST_SETTINGS | {"wal_writer_delay": "10s", "wal_writer_flush_after": "1GB"}
SETTINGS = """
from tests.mail_server import mailers
MAILERS = mailers(int(os.environ["MAIL_PORT"]))
"""
PREPARE = f"""
from django.core.management import call_command
from django.utils import timezone
call_command("migrate", verbosity=0)
from community.newsletter import sending
from community.newsletter.models import Subscriber
from tests.factories import make_issue
Subscriber.objects.bulk_create(
    Subscriber(email=f"reader{{n}}@example.com", wants_letter=True, confirmed_at=timezone.now())
    for n in range({RECIPIENTS})
)
sending.start(make_issue())
"""
WORK = """
from community.newsletter import ledger
ledger.LEASE_SECONDS = 3
from django.core.management import call_command
call_command("send_due", "--forever")
"""


class Observed:
    """A letter under way on a database of its own."""

    def __init__(self, postgres, mail, start):
        self.postgres, self.mail, self.start_python = postgres, mail, start

    def start(self, code):
        return self.start_python(
            code,
            SETTINGS,
            DATABASE_URL=self.postgres.url("faults"),
            TEST_DATABASE_NAME="faults",
            MAIL_PORT=str(self.mail.port),
        )

    def ask(self, sql):
        connection = psycopg2.connect(self.postgres.url("faults"), connect_timeout=5)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()
        finally:
            connection.close()

    def states(self):
        return dict(self.ask("SELECT state, count(*) FROM newsletter_delivery GROUP BY state"))

    def is_sent(self):
        try:
            return self.ask("SELECT state FROM newsletter_issue") == [("sent",)]
        except psycopg2.Error:
            return False

    def crash(self):
        """The whole server at once, without a word; then it starts and recovers."""
        self.postgres._postmaster().kill()
        self.postgres.ensure_running()

    def worker_backends(self):
        return [
            pid
            for (pid,) in self.ask(
                "SELECT pid FROM pg_stat_activity WHERE datname = 'faults'"
                " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
        ]

    def count_up(self, most_doubtful):
        received = Counter(str(mail["To"]) for mail in self.mail.mails)
        states = self.states()
        doubtful = states.pop("doubtful", 0)
        assert max(received.values()) == 1, "someone got it twice"
        assert set(states) == {"sent"} and states["sent"] + doubtful == RECIPIENTS
        assert len(received) >= states["sent"] and doubtful <= most_doubtful
        return doubtful


@pytest.fixture
def letter(tmp_path, start_process):
    postgres = LocalPostgres(tmp_path / "postgres", FORGETFUL)
    postgres.enter()
    postgres.ensure_database("faults")
    try:
        with running_mail_server() as mail:
            observed = Observed(postgres, mail, start_process)
            assert observed.start(PREPARE).wait(120) == 0, (tmp_path / "processes.log").read_text()
            yield observed
    finally:
        postgres.leave()


def test_a_database_that_crashes_twice_costs_a_living_worker_nothing(letter):
    worker = letter.start(WORK)
    for goal in (70, 220):
        wait_until(lambda g=goal: len(letter.mail.mails) > g, 60)
        letter.crash()
    wait_until(letter.is_sent, 90, "the letter never ended")
    assert worker.poll() is None
    letter.count_up(most_doubtful=0)


def test_worker_and_database_killed_together_leave_a_batch_in_doubt_and_nobody_with_two(letter):
    """As when the machine has no memory left: the worker and one backend are killed. Postgres
    restarts by itself and does not change its start time."""
    lost = 0
    for goal in (70, 220):
        worker = letter.start(WORK)
        wait_until(lambda g=goal: len(letter.mail.mails) > g, 60)
        [backend] = letter.worker_backends()
        os.kill(worker.pid, signal.SIGSTOP)
        os.kill(backend, signal.SIGKILL)
        worker.kill()
        worker.wait()
        time.sleep(1)
        letter.postgres.ensure_running()
        lost += 1
    letter.start(WORK)
    wait_until(letter.is_sent, 90, "the letter never ended")
    doubtful = letter.count_up(most_doubtful=lost * BATCH)
    print(f"in doubt after {lost} double deaths: {doubtful}")
    assert doubtful > 0

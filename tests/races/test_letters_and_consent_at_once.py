"""Two deeds on one subscription or one letter in the same moment: the second sees the first.

``meanwhile`` keeps the first deed uncommitted until the second waits for it, so nothing here is
a matter of luck.
"""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from community.newsletter import consent, ledger, lifecycle
from community.newsletter.models import Delivery, Issue, Subscriber
from tests.factories import make_issue, make_member, make_policy_version, make_subscriber
from tests.processes import wait_until
from tests.races.locks import count_waiting

pytestmark = pytest.mark.django_db(transaction=True)


def meanwhile(first, then):
    """What ``then`` returned, begun while ``first`` was done and not committed yet."""

    def in_thread():
        try:
            return then()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            first()
            second = thread.submit(in_thread)
            wait_until(lambda: count_waiting() or second.done(), 30, "the second never came")
        return second.result(30)


# Subscriptions


@pytest.fixture
def wren():
    return make_subscriber(email="wren@example.com")


@pytest.fixture
def asked():
    """The record of a sign-up that was not confirmed yet."""
    words = make_policy_version("email-consent", body="You ask us to send emails.\n")
    return consent.ask("jay@example.com", ["letter"], words="…", wording=words, page="/")


def test_settings_saved_in_the_moment_of_a_stop_do_not_undo_it(wren):
    assert meanwhile(
        lambda: consent.stop(wren, page="/"),
        lambda: consent.change(wren, ["letter", "polls"], page="/"),
    )
    wren.refresh_from_db()
    assert wren.stopped_at and wren.choices == ["letter", "polls"]


def test_a_sign_up_in_the_moment_of_confirming_changes_nothing_of_it(asked):
    meanwhile(
        lambda: consent.confirm(asked, page="/"),
        lambda: consent.ask("JAY@example.com", ["calls"], words="…", wording=None, page="/"),
    )
    jay = Subscriber.objects.get()
    assert jay.confirmed_at and jay.choices == ["letter"]


def test_a_sign_up_holds_what_it_read_until_it_wrote(asked):
    """A second one would wait at its INSERT; between reading and writing only the lock helps."""
    other = Other()
    refused = []

    def look(execute, sql, *args):
        if sql.startswith("UPDATE") and "newsletter_subscriber" in sql:
            with other.connection.cursor() as cursor, pytest.raises(OperationalError) as error:
                cursor.execute("SELECT 1 FROM newsletter_subscriber FOR UPDATE NOWAIT")
            refused.append("could not obtain lock" in str(error.value))
        return execute(sql, *args)

    try:
        with connection.execute_wrapper(look):
            consent.ask("jay@example.com", ["calls"], words="…", wording=None, page="/")
    finally:
        other.connection.rollback()
        other.connection.close()
    assert refused == [True]


def test_confirming_in_the_moment_of_a_death_brings_no_mail(asked):
    assert not meanwhile(
        lambda: consent.note_death(asked.subscriber, page="/"),
        lambda: consent.confirm(asked, page="/"),
    )
    assert Subscriber.objects.get().died_at


def test_details_deleted_twice_at_once_say_goodbye_once(wren):
    assert meanwhile(lambda: consent.erase(wren), lambda: consent.erase(wren)) is None
    assert not Subscriber.objects.exists()


def test_who_confirms_while_old_sign_ups_are_forgotten_stays(asked):
    long_ago = timezone.now() - consent.FORGET_UNCONFIRMED_AFTER - timedelta(days=1)
    Subscriber.objects.update(asked_at=long_ago)
    meanwhile(lambda: consent.confirm(asked, page="/"), consent.forget_unconfirmed)
    assert Subscriber.objects.get().confirmed_at


# Letters


@pytest.fixture
def issue(wren):
    return make_issue()


def state_of(issue) -> str:
    return Issue.objects.get(pk=issue.pk).state


def test_a_letter_stopped_in_the_moment_of_a_second_start_stays_stopped(issue):
    def start_and_stop():
        lifecycle.start(issue)
        lifecycle.stop_for_good(issue)

    assert not meanwhile(start_and_stop, lambda: lifecycle.start(issue))
    assert state_of(issue) == "stopped"


def test_a_letter_taken_off_the_schedule_in_its_very_minute_does_not_go(issue):
    lifecycle.schedule(issue, timezone.now() - timedelta(minutes=1))
    assert not meanwhile(
        lambda: lifecycle.unschedule(issue), lambda: lifecycle.start_scheduled(issue)
    )
    assert state_of(issue) == "draft" and not issue.deliveries.exists()


@pytest.mark.parametrize(
    "deed", [lambda i: lifecycle.schedule(i, timezone.now()), lifecycle.unschedule]
)
def test_a_letter_on_its_way_is_neither_scheduled_nor_taken_off(issue, deed):
    lifecycle.schedule(issue, timezone.now())
    assert not meanwhile(lambda: lifecycle.start(issue), lambda: deed(issue))
    assert state_of(issue) == "sending"


def test_a_letter_held_in_the_moment_it_ends_stays_held(issue):
    lifecycle.start(issue)
    Delivery.objects.update(state="sent", done_at=timezone.now())
    assert not meanwhile(lambda: lifecycle.hold(issue, "Wait."), lambda: lifecycle.finish(issue))
    assert state_of(issue) == "paused"


def test_a_try_put_back_in_the_moment_a_letter_ends_opens_it_again(issue):
    lifecycle.start(issue)
    Delivery.objects.update(state="doubtful", done_at=timezone.now())

    def put_back():
        Delivery.objects.update(state="waiting", done_at=None)
        return lifecycle.reopen(issue)

    assert meanwhile(lambda: lifecycle.finish(issue), put_back)
    assert state_of(issue) == "sending"


def test_the_doubtful_of_a_letter_stopped_this_moment_stay(issue):
    lifecycle.start(issue)
    Delivery.objects.update(state="doubtful", done_at=timezone.now())
    again = meanwhile(
        lambda: lifecycle.stop_for_good(issue), lambda: lifecycle.send_doubtful_again(issue)
    )
    assert again == 0 and Delivery.objects.get().state == "doubtful"


def test_words_saved_in_the_moment_a_letter_leaves_do_not_change_it(issue, client):
    client.force_login(make_member(editor=True))
    url = reverse("admin:newsletter_issue_change", args=[issue.pk])
    typed = {
        "kind": "letter", "subject": "Other", "discreet_subject": "Other", "body": "Other.\n",
    }  # fmt: skip
    answer = meanwhile(lambda: lifecycle.start(issue), lambda: client.post(url, typed, secure=True))
    assert "on its way already" in answer.content.decode()
    now = Issue.objects.get(pk=issue.pk)
    assert (now.state, now.subject, now.body) == ("sending", issue.subject, issue.body)


# Workers


class Other:
    """Another worker: a connection of its own, in the middle of a statement not committed yet."""

    def __init__(self):
        self.connection = connection.copy()
        self.connection.set_autocommit(False)

    def claim(self, issue) -> set[int]:
        values = {"issue": issue.pk, "batch": 2, "worker": str(uuid.uuid4())}
        with self.connection.cursor() as cursor:
            cursor.execute(ledger.CLAIM, values)
            return {delivery for delivery, _, _ in cursor.fetchall()}


@pytest.fixture
def other():
    """Whoever waits for a lock for five seconds gets an error instead."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")
        worker = Other()
        yield worker
        worker.connection.rollback()
        worker.connection.close()
        cursor.execute("RESET lock_timeout")


def test_a_worker_takes_at_once_what_another_is_not_just_taking(issue, other):
    for _ in range(3):
        make_subscriber()
    lifecycle.start(issue)
    theirs = other.claim(issue)
    ours = {delivery for delivery, _, _ in ledger.claim(issue.pk, uuid.uuid4())}
    assert len(theirs) == len(ours) == 2 and not theirs & ours


def test_what_another_worker_is_taking_back_holds_nobody_up(issue, other, monkeypatch):
    lifecycle.start(issue)
    ledger.claim(issue.pk, uuid.uuid4())
    Delivery.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
    with other.connection.cursor() as cursor:
        cursor.execute(ledger.TAKE_BACK, {"issue": issue.pk, "lease": 40, "ended": "It ended."})
    assert ledger.take_back(issue.pk) == 0

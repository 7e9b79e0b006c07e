"""What may go wrong around a letter: late changes, lost notes, servers that refuse or swallow."""

import smtplib
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from community.newsletter import carrier, consent, digest, ledger, sending, worker
from community.newsletter.admin.forms import IssueForm
from community.newsletter.models import Delivery, Issue, Subscriber, WorkerMark
from tests.factories import make_article, make_issue, make_member, make_subscriber
from tests.mail_server import free_port, mailers, text_of

pytestmark = pytest.mark.django_db


def states():
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def letters_in(post):
    return [mail for mail in post.mails if mail["List-Id"]]


async def take_and_drop(handler, server, envelope):
    handler.take(envelope)
    server.transport.abort()
    return "250 too late"


@pytest.fixture
def while_the_first_is_sent(monkeypatch):
    """``do(first, act)``: let ``act`` happen while the letter ``first`` is being carried."""

    def do(first, act):
        real = worker.Worker.run

        def run(self):
            if self.issue.pk == first.pk:
                act()
            return real(self)

        monkeypatch.setattr(worker.Worker, "run", run)

    return do


def test_a_letter_taken_off_the_schedule_while_another_goes_out_stays(
    post, while_the_first_is_sent
):
    make_subscriber()
    first, second = make_issue(subject="First"), make_issue(subject="Second")
    sending.start(first)
    sending.schedule(second, timezone.now() - timedelta(seconds=1))
    while_the_first_is_sent(first, lambda: sending.unschedule(second))
    sending.send_due()
    second.refresh_from_db()
    assert [mail["Subject"] for mail in post.mails] == ["First"] and second.state == "draft"


def test_a_letter_goes_out_in_its_last_words(post, while_the_first_is_sent):
    make_subscriber()
    first, second = make_issue(), make_issue(body="Old words.\n")
    sending.start(first)
    sending.schedule(second, timezone.now() - timedelta(seconds=1))
    mended = Issue.objects.filter(pk=second.pk)
    while_the_first_is_sent(first, lambda: mended.update(body="New words.\n"))
    sending.send_due()
    assert "New words." in text_of(post.last) and len(post.mails) == 2


def test_one_that_lost_its_card_becomes_a_draft_and_the_editors_are_told(post):
    make_subscriber()
    editor = make_member(editor=True)
    issue = make_issue()
    sending.schedule(issue, timezone.now() - timedelta(seconds=1))
    Issue.objects.update(body="[[article:gone]]\n")
    assert sending.send_due() == 0
    issue.refresh_from_db()
    assert issue.state == "draft" and "no published article" in issue.held_because
    assert [mail["To"] for mail in post.mails] == [editor.email]
    assert "no published article" in text_of(post.last)


def test_a_server_that_swallows_every_text_holds_the_letter_after_three(post):
    editor = make_member(editor=True)
    for _ in range(20):
        make_subscriber()
    post.answers["DATA"] = lambda address: take_and_drop if "subscriber" in address else None
    issue = make_issue()
    sending.start(issue)
    sending.send_due()
    issue.refresh_from_db()
    assert issue.state == "paused" and "in doubt" in issue.held_because
    assert states().count("doubtful") == 3 and states().count("waiting") == 17
    assert [mail["Subject"] for mail in post.to(editor.email)] == ["A letter is held: have a look"]


def test_texts_swallowed_now_and_then_count_as_failures(post):
    for _ in range(40):
        make_subscriber()
    count = iter(range(100))
    post.answers["DATA"] = lambda address: take_and_drop if next(count) % 2 else None
    issue = make_issue()
    sending.start(issue)
    sending.send_due()
    issue.refresh_from_db()
    assert issue.state == "paused" and states().count("doubtful") == worker.MOST_FAILURES + 1


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPAuthenticationError(535, b"bad password"),
        smtplib.SMTPConnectError(554, b"go away"),
        smtplib.SMTPHeloError(550, b"who are you"),
    ],
)
def test_a_server_that_refuses_us_fails_nobody_and_holds_the_letter(post, monkeypatch, error):
    for _ in range(20):
        make_subscriber()
    issue = make_issue()
    sending.start(issue)

    def refuse(self):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(carrier.Carrier, "connect", refuse)
        sending.send_due()
    issue.refresh_from_db()
    assert issue.state == "paused" and "refuses us" in issue.held_because
    assert set(states()) == {"waiting"}
    Delivery.objects.update(try_after=timezone.now())
    sending.resume(issue)
    assert sending.send_due() == 20


def test_a_sender_that_is_refused_fails_nobody(post, monkeypatch):
    make_subscriber()
    issue = make_issue()
    sending.start(issue)

    async def refuse(server, session, envelope, address, options):
        return "550 5.7.1 Sender refused"

    monkeypatch.setattr(type(post), "handle_MAIL", staticmethod(refuse), raising=False)
    sending.send_due()
    issue.refresh_from_db()
    assert states() == ["waiting"] and issue.state == "paused"


def test_a_refused_data_command_puts_nobody_else_in_doubt(post, settings):
    """The text was not handed over, and the connection breaks only after that."""
    carrying = carrier.Carrier()
    carrying.in_data = True  # as a refused DATA leaves it
    issue = make_issue()
    envelopes = worker.Envelopes(worker.write_letter(issue))
    message = envelopes.seal(
        worker.Person(1, "wren@example.com", "0" * 32), frozenset(), False, False
    )
    settings.MAILERS = mailers(free_port())
    carrying.hang_up()
    carrying.in_data = True
    assert carrying.carry(1, 0, message).state == "waiting"


def test_a_late_try_again_reopens_a_letter_taken_for_finished(post, monkeypatch):
    make_subscriber()
    issue = make_issue()
    sending.start(issue)
    slow = sending.Worker(issue)
    [(delivery, _, _)] = slow.claim()
    assert slow.record_and_begin(delivery)
    monkeypatch.setattr(ledger, "LEASE_SECONDS", 0.1)
    time.sleep(0.2)
    sending.Worker(issue).run()
    issue.refresh_from_db()
    assert issue.state == "sent" and states() == ["doubtful"]
    slow.last = carrier.Outcome(delivery, "waiting", "451 later")
    slow.record()
    issue.refresh_from_db()
    assert issue.state == "sending"
    assert sending.send_due() == 1


def test_what_a_living_worker_did_not_begin_is_not_in_doubt_for_long(post, monkeypatch):
    """A database that was away for longer than the lease: another took this one for dead."""
    for _ in range(3):
        make_subscriber()
    issue = make_issue()
    sending.start(issue)
    slow = sending.Worker(issue)
    slow.claim()
    WorkerMark.objects.all().delete()  # as a crash does
    monkeypatch.setattr(ledger, "LEASE_SECONDS", 0.1)
    time.sleep(0.2)
    ledger.take_back(issue.pk)
    assert states() == ["doubtful"] * 3
    slow.let_go()
    assert states() == ["waiting"] * 3
    assert sending.send_due() == 3


def test_without_its_mark_all_a_dead_worker_held_is_in_doubt(post, monkeypatch):
    for _ in range(3):
        make_subscriber()
    issue = make_issue()
    sending.start(issue)
    sending.Worker(issue).claim()
    WorkerMark.objects.all().delete()
    monkeypatch.setattr(ledger, "LEASE_SECONDS", 0.1)
    time.sleep(0.2)
    assert sending.send_due() == 0 and states() == ["doubtful"] * 3 and not post.mails


def test_what_the_database_may_have_forgotten_is_written_before_anything_is_asked(monkeypatch):
    """The database goes away twice: also while the notes are being written again."""
    monkeypatch.setattr(worker, "DATABASE_WAITS", (0, 0, 0, 0))
    away = SimpleNamespace(in_atomic_block=False, close=lambda: None)
    monkeypatch.setattr(worker, "connection", away)
    working = worker.Worker(make_issue())
    said, fails = [], [True, True]

    def write_again():
        said.append("written")
        if fails.pop():
            raise OperationalError
        working.owes = False

    def ask():
        said.append("asked")
        if len(said) == 1:
            fails[:] = [False, True]
            raise OperationalError
        return "answer"

    monkeypatch.setattr(working, "write_again", write_again)
    assert working.patiently(ask) == "answer"
    assert said == ["asked", "written", "written", "asked"]


def test_notes_the_database_lost_are_written_again_and_count_once(monkeypatch):
    for _ in range(3):
        make_subscriber()
    issue = make_issue()
    sending.start(issue)
    working = worker.Worker(issue)
    for (delivery, _, _), state in zip(working.claim(), ["sent", "failed", "waiting"], strict=True):
        working.last = worker.Outcome(delivery, state, "The answer.")
        working.record()
    issue.deliveries.update(state="begun", worker=working.name, answer="", done_at=None)
    monkeypatch.setattr(worker, "DATABASE_WAITS", (0,))
    away = SimpleNamespace(in_atomic_block=False, close=lambda: None)
    monkeypatch.setattr(worker, "connection", away)
    answers = [OperationalError, "answer"]

    def ask():
        if (answer := answers.pop(0)) is OperationalError:
            raise OperationalError
        return answer

    assert working.patiently(ask) == "answer" and not working.owes
    kept = issue.deliveries.order_by("pk").values_list("state", "answer", "tries")
    assert list(kept) == [(state, "The answer.", 1) for state in ("sent", "failed", "waiting")]


def test_a_worker_taken_for_dead_gives_nothing_back_that_another_has_in_hand():
    """Given back, a third worker could send it while the second does."""
    make_subscriber()
    issue = make_issue()
    sending.start(issue)
    slow, second = worker.Worker(issue), worker.Worker(issue)
    [(delivery, _, _)] = slow.claim()
    issue.deliveries.update(claimed_at=timezone.now() - timedelta(hours=1))
    assert ledger.take_back(issue.pk) == 1 and second.claim()
    slow.last = worker.Outcome(delivery, "waiting", "No connection.", counts_as_try=False)
    slow.record()
    slow.let_go()
    kept = issue.deliveries.get()
    assert (kept.state, kept.worker) == ("claimed", second.name)


def test_a_claim_waits_for_the_disk_and_the_notes_on_each_mail_do_not(post):
    """What ``ledger`` says about the disk, asked of the database at each statement."""
    make_subscriber()
    sending.start(make_issue())
    waits = []

    def watch(execute, sql, *args):
        if "UPDATE newsletter_delivery" in sql:
            with connection.connection.cursor() as cursor:
                cursor.execute("SHOW synchronous_commit")
                waits.append((sql == ledger.CLAIM, cursor.fetchone()[0]))
        return execute(sql, *args)

    with connection.execute_wrapper(watch):
        assert sending.send_due() == 1
    assert {wait for is_claim, wait in waits if is_claim} == {"on"}
    first = waits.index((True, "on"))
    assert (False, "off") in waits[first:] and (False, "on") not in waits[first:]
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)  # whoever has the connection next


def test_a_choice_unticked_after_the_start_is_asked_again(post):
    person = make_subscriber()
    issue = make_issue()
    sending.start(issue)
    consent.change(person, [], page="/")
    assert sending.send_due() == 0 and states() == ["skipped"]


def test_at_most_one_a_month_also_of_two_started_together(post):
    make_subscriber(how_often="monthly")
    for _ in range(2):
        sending.start(make_issue())
    sending.send_due()
    assert len(post.mails) == 1 and states() == ["sent", "skipped"]


def test_someone_erased_while_her_mail_is_refused_stops_nothing(post, monkeypatch):
    person, other = make_subscriber(), make_subscriber()
    sending.start(make_issue())
    post.answers["RCPT"] = lambda a: "550 5.1.1 no" if a == person.email else None
    real = consent.note_return

    def late(subscriber, *args):
        consent.erase(subscriber)
        return real(subscriber, *args)

    monkeypatch.setattr(consent, "note_return", late)
    assert sending.send_due() == 1
    assert not Subscriber.objects.filter(pk=person.pk).exists() and post.to(other.email)


def test_no_address_stays_with_a_delivery(post):
    person = make_subscriber(email="wren@example.com")
    post.answers["RCPT"] = lambda a: f"550 5.1.1 <{a}>: no such user, {a}"
    issue = make_issue()
    sending.start(issue)
    sending.send_due()
    person.refresh_from_db()
    assert person.returned == "bounce"
    consent.erase(person)
    assert Delivery.objects.get().answer == "550 5.1.1 <…>: no such user, …"


def test_a_door_closed_for_a_day_counts_as_tries(post):
    make_subscriber()
    issue = make_issue()
    sending.start(issue)
    post.answers["RCPT"] = lambda a: "421 4.7.0 Not now"
    sending.send_due()
    assert Delivery.objects.get().tries == 0
    Issue.objects.update(started_at=timezone.now() - timedelta(days=2))
    for _ in range(carrier.MOST_TRIES):
        Delivery.objects.update(try_after=timezone.now())
        sending.send_due()
    assert states() == ["failed"]


def test_the_rate_of_the_settings_is_kept(post, settings):
    for _ in range(5):
        make_subscriber()
    settings.LETTERS_PER_SECOND = 10
    sending.start(make_issue())
    began = time.monotonic()
    assert sending.send_due() == 5
    assert time.monotonic() - began >= 0.4


def test_after_going_on_old_failures_do_not_hold_it_again(post):
    for n in range(40):
        make_subscriber(email=f"{'bad' if n < 15 else 'good'}{n}@example.com")
    post.answers["RCPT"] = lambda a: "554 5.7.1 Blocked" if a.startswith("bad") else None
    issue = make_issue()
    sending.start(issue)
    sending.send_due()
    issue.refresh_from_db()
    assert issue.state == "paused"
    # One more failure after the editor looked is one, not twelve.
    sending.resume(issue)
    sending.send_due()
    issue.refresh_from_db()
    assert issue.state == "sent" and states().count("failed") == 15


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_machine_whose_clock_is_wrong_sends_all_the_same(post, monkeypatch, hours):
    for _ in range(3):
        make_subscriber()
    issue = make_issue()
    right = timezone.now
    sending.schedule(issue, right() + timedelta(hours=1))
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: right() + timedelta(hours=hours))
        assert sending.send_due() == 0, "its minute has not come, by the database's clock"
        sending.unschedule(issue)
        sending.start(issue)
        assert sending.send_due() == 3
    issue.refresh_from_db()
    assert abs(issue.started_at - right()) < timedelta(minutes=1)


def test_a_database_clock_set_back_keeps_nothing_waiting(post):
    """Claims and first tries from an hour that is yet to come."""
    for _ in range(2):
        make_subscriber()
    issue = make_issue()
    sending.start(issue)
    sending.Worker(issue).claim()
    Delivery.objects.update(claimed_at=timezone.now() + timedelta(hours=1))
    assert sending.send_due() == 2


def test_the_digest_counts_from_the_last_letter_not_from_any_mail():
    make_article(slug="one", published_at=timezone.now() - timedelta(days=1))
    make_issue(kind="polls", state="sent", started_at=timezone.now())
    assert "one" in digest.whats_new()


# The desk


@pytest.fixture
def desk(client):
    client.force_login(make_member(editor=True))

    def post(issue, **fields):
        url = reverse("admin:newsletter_issue_deed", args=[issue.pk])
        return client.post(url, fields, secure=True, follow=True).content.decode()

    return post


def test_a_minute_that_has_passed_is_refused_and_stays_in_the_form(desk, post):
    make_subscriber()
    issue = make_issue()
    page = desk(issue, deed="schedule", when_0="2020-01-01", when_1="09:00")
    assert "That minute has passed" in page and "2020-01-01" in page
    issue.refresh_from_db()
    assert issue.state == "draft" and sending.send_due() == 0
    page = desk(issue, deed="schedule", when_0="24.12.2026", when_1="9")
    assert "24.12.2026" in page and "2026-12-24" in page
    page = desk(issue, deed="schedule", when_0="9999-12-31", when_1="23:59")
    assert "Choose a day within the next year" in page and "9999-12-31" in page
    issue.refresh_from_db()
    assert issue.state == "draft"


def test_a_try_that_is_not_taken_keeps_what_was_typed(desk, post):
    issue = make_issue()
    page = desk(issue, deed="try", address="wren@")
    assert "name@example.com" in page and "wren@" in page
    post.answers["RCPT"] = lambda a: "550 no"
    page = desk(issue, deed="try", address="wren@example.com")
    assert "did not take the try" in page and "wren@example.com" in page


def test_sending_says_to_how_many_and_asks_once_more(desk, client, post):
    for _ in range(3):
        make_subscriber()
    issue = make_issue()
    url = reverse("admin:newsletter_issue_send", args=[issue.pk])
    page = client.get(url, secure=True).content.decode()
    assert "to 3 people?" in page and not post.mails
    desk(issue, deed="send")
    issue.refresh_from_db()
    assert issue.state == "draft", "one press does not send"
    page = client.post(url, secure=True, follow=True).content.decode()
    assert "It is on its way to 3 people." in page and len(letters_in(post)) == 3
    client.force_login(make_member(staff=True))
    assert client.post(url, secure=True).status_code == 403


def test_words_saved_while_it_starts_change_neither_words_nor_state(desk, client, post):
    make_subscriber()
    issue = make_issue()
    change = reverse("admin:newsletter_issue_change", args=[issue.pk])
    form = client.get(change, secure=True).context["adminform"].form
    typed = {name: form[name].value() for name in form.fields} | {"subject": "Mended"}
    stale = Issue.objects.get(pk=issue.pk)
    sending.start(issue)
    answer = client.post(change, typed, secure=True)
    issue.refresh_from_db()
    assert answer.status_code == 409 and issue.state == "sending" and issue.subject != "Mended"
    page = answer.content.decode()
    assert "sent while you were writing" in page and ">Mended</textarea>" in page
    client.force_login(make_member(staff=True))
    assert client.post(change, typed, secure=True).status_code == 403
    client.force_login(make_member(editor=True))
    late = IssueForm(typed, instance=stale)
    assert not late.is_valid() and "on its way already" in str(late.errors)


def test_the_doubtful_of_a_stopped_letter_stay(post):
    issue = make_issue(state="stopped", started_at=timezone.now())
    Delivery.objects.create(issue=issue, subscriber=make_subscriber(), state="doubtful")
    assert sending.send_doubtful_again(issue) == 0 and sending.send_due() == 0

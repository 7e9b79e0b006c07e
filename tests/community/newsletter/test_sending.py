"""A letter on its way: who gets it, what it says and carries, and what the mail server answers."""

import asyncio
import time
from datetime import timedelta

import html5lib
import pytest
from django.utils import timezone

from community.newsletter import carrier, consent, ledger, sending, tokens
from community.newsletter.models import Delivery, Issue, Subscriber
from community.newsletter.worker import MOST_FAILURES
from tests.factories import make_article, make_issue, make_member, make_subscriber, make_topic
from tests.mail_server import free_port, link_of, links_of, mailers, text_of

pytestmark = pytest.mark.django_db


def html_of(mail):
    return mail.get_body(preferencelist=("html",)).get_content()


def send_now(issue):
    sending.start(issue)
    sending.send_due()
    issue.refresh_from_db()
    return issue


def states(issue):
    return dict(issue.deliveries.values_list("subscriber__email", "state"))


def test_who_gets_it(post):
    now = timezone.now()
    make_subscriber(email="yes@example.com")
    make_subscriber(email="back@example.com", paused_at=now, paused_until=now - timedelta(hours=1))
    for name, fields in {
        "other": {"wants_letter": False, "wants_polls": True},
        "unconfirmed": {"unconfirmed": True},
        "stopped": {"stopped_at": now},
        "paused": {"paused_at": now},
        "later": {"paused_at": now, "paused_until": now + timedelta(days=1)},
        "died": {"died_at": now},
        "bounced": {"returned": "bounce", "returned_at": now},
        "remembered": {},
    }.items():
        make_subscriber(email=f"{name}@example.com", **fields)
    make_member(email="Remembered@example.com", remembered_at=now)
    issue = send_now(make_issue())
    assert {mail["To"] for mail in post.mails} == {"yes@example.com", "back@example.com"}
    assert issue.state == "sent" and issue.finished_at
    assert set(Subscriber.objects.reachable().values_list("email", flat=True)) >= {
        "yes@example.com"
    }


def test_a_letter_carries_what_mail_programs_and_people_need(post, client):
    subscriber = make_subscriber(email="wren@example.com")
    article = make_article(slug="one", title="The dose conversation", standfirst="Ask early.")
    issue = send_now(make_issue(body="Hello, **you**.\n\n[[article:one]]\n\nGo [on](/topics/).\n"))
    mail = post.last
    delivery = Delivery.objects.get()
    assert mail["Message-ID"] == f"<letter.{tokens.delivery_mark(delivery.pk)}@testserver>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (
        mail["List-Id"] == "Harbor <letter.testserver>"
        and mail["Auto-Submitted"] == "auto-generated"
    )
    assert (
        mail["Reply-To"] == "help@harbor.example"
        and mail["Date"]
        and mail["To"] == "wren@example.com"
    )
    assert mail["Subject"] == issue.subject and mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert not mail.defects and all(not part.defects for part in mail.walk())
    for words in (text_of(mail), html_of(mail)):
        assert "The dose conversation" in words and "1 Quay Street" in words
        assert (
            f"https://testserver{article.get_absolute_url()}" in words
            and "https://testserver/topics/" in words
        )
        assert "zz0" not in words
    assert max(len(line) for line in text_of(mail).splitlines() if "://" not in line) <= 72
    html = html_of(mail)
    assert "<img" not in html and "<script" not in html and 'style="' in html
    assert "prefers-color-scheme" in html and "@media" in html
    html5lib.HTMLParser(strict=True).parse(html)
    one_click = mail["List-Unsubscribe"].strip("<>")
    assert one_click == link_of(mail, "/stop/")
    for link in links_of(mail):
        assert client.get(link, secure=True).status_code == 200, link
    subscriber.refresh_from_db()
    assert subscriber.stopped_at is None
    client.post(one_click, {"List-Unsubscribe": "One-Click"}, secure=True)
    subscriber.refresh_from_db()
    assert subscriber.stopped_at


def test_each_reader_gets_it_her_way(post):
    trials = make_topic("Trials")
    make_article(slug="trial", title="About trials", topics=[trials])
    make_subscriber(email="all@example.com")
    without = make_subscriber(email="without@example.com")
    without.topics_left_out.add(trials)
    make_subscriber(email="discreet@example.com", is_discreet=True)
    make_subscriber(email="text@example.com", text_only=True)
    send_now(
        make_issue(
            subject="About MBC",
            discreet_subject="Your letter",
            opening="Scans.",
            body="Hi.\n\n[[article:trial]]\n",
        )
    )
    mails = {mail["To"]: mail for mail in post.mails}
    assert "About trials" in text_of(mails["all@example.com"])
    assert "About trials" not in text_of(mails["without@example.com"]) + html_of(
        mails["without@example.com"]
    )
    discreet = mails["discreet@example.com"]
    assert discreet["Subject"] == "Your letter" and "Scans." not in html_of(discreet)
    assert "About MBC" not in html_of(discreet)
    assert mails["text@example.com"].get_content_type() == "text/plain"


def test_no_header_can_be_slipped_in(post):
    make_subscriber(email="wren@example.com")
    send_now(make_issue(subject="One\nBcc: all@example.com", body="Hi.\n"))
    assert post.last["Subject"] == "One Bcc: all@example.com" and post.last["Bcc"] is None
    issue = make_issue()
    sending.start(issue)
    Subscriber.objects.update(email="wren@example.com\nBcc: all@example.com")
    sending.send_due()
    assert len(post.mails) == 1 and Delivery.objects.get(issue=issue).state == "failed"


def test_no_letter_without_a_postal_address_or_with_a_dead_card(settings):
    issue = make_issue(body="[[article:nowhere]]\n\n[[pill:x]]\n")
    settings.POSTAL_ADDRESS = ""
    with pytest.raises(sending.NotReady) as refused:
        sending.start(issue)
    for part in (
        "POSTAL_ADDRESS",
        "no published article at “nowhere”",
        "“pill” is no kind of card",
    ):
        assert part in str(refused.value)
    assert not Delivery.objects.exists()


def test_monthly_readers_get_at_most_one_a_month(post):
    make_subscriber(email="monthly@example.com", how_often="monthly")
    for _ in range(3):
        send_now(make_issue())
    assert len(post.mails) == 1
    Delivery.objects.update(done_at=timezone.now() - timedelta(days=28))
    send_now(make_issue())
    assert len(post.mails) == 2


def test_mails_about_new_polls_come_at_most_twice_a_week(post):
    both = make_subscriber(wants_polls=True)
    for _ in range(3):
        send_now(make_issue(kind="polls"))
    assert len(post.mails) == 2
    send_now(make_issue())
    assert len(post.mails) == 3, "the letter is another thing"
    together = [make_issue(kind="polls"), make_issue(kind="polls")]
    Delivery.objects.update(done_at=timezone.now() - timedelta(days=8))
    send_now(make_issue(kind="polls"))
    for issue in together:
        sending.start(issue)
    sending.send_due()
    assert len(post.to(both.email)) == 5, "asked again before each mail"


def test_nobody_gets_it_twice_however_often_it_is_sent(post):
    for _ in range(3):
        make_subscriber()
    issue = send_now(make_issue())
    assert not sending.start(issue)
    for _ in range(3):
        assert sending.send_due() == 0
    assert len(post.mails) == 3 and post.connections == 1


def test_a_scheduled_letter_waits_for_its_minute(post):
    make_subscriber()
    issue = make_issue()
    sending.schedule(issue, timezone.now() + timedelta(hours=1))
    assert sending.send_due() == 0
    assert sending.unschedule(issue) and not sending.unschedule(issue)
    sending.schedule(issue, timezone.now() - timedelta(seconds=1))
    assert sending.send_due() == 1


def test_who_stops_after_the_start_is_left_out(post):
    stays, leaves, dies, erased = [make_subscriber() for _ in range(4)]
    issue = make_issue()
    sending.start(issue)
    consent.stop(leaves, page="/")
    consent.note_death(dies, page="/")
    consent.erase(erased)
    make_subscriber()  # signed up too late for this one
    sending.send_due()
    assert [mail["To"] for mail in post.mails] == [stays.email]
    assert sorted(states(issue).values()) == ["sent", "skipped", "skipped", "skipped"]


def test_stopping_in_the_middle_takes_effect_with_the_next_mail(post):
    people = [make_subscriber() for _ in range(20)]
    issue = make_issue()
    sending.start(issue)

    def stop_the_others(address):
        for person in people:
            if person.email != address:
                consent.stop(person, page="/")

    worker = sending.Worker(issue)
    real = worker.record_and_begin
    begun = []

    def once(delivery):
        if len(begun) == 1:
            stop_the_others(begun[0])
        leave = real(delivery)
        if leave:
            begun.append(leave[0])
        return leave

    worker.record_and_begin = once
    worker.run()
    assert len(post.mails) == 1


def test_holding_stopping_and_going_on(post):
    for _ in range(5):
        make_subscriber()
    issue = make_issue()
    sending.start(issue)
    assert sending.hold(issue, "Wait.") and not sending.hold(issue, "Wait.")
    assert sending.send_due() == 0 and not post.mails
    assert sending.resume(issue) and sending.send_due() == 5
    other = make_issue()
    sending.start(other)
    assert sending.stop_for_good(other) and not sending.stop_for_good(other)
    assert sending.send_due() == 0 and len(post.mails) == 5


@pytest.mark.parametrize(
    ("phase", "answer", "state", "returned"),
    [
        ("RCPT", "550 5.1.1 No such user", "failed", "bounce"),
        ("RCPT", "550 No such user", "failed", "bounce"),
        ("RCPT", "550 5.7.1 Your host is blocked", "failed", ""),
        ("RCPT", "552 5.2.2 Mailbox full", "failed", ""),
        ("RCPT", "451 4.7.1 Try later", "waiting", ""),
        ("DATA", "451 4.3.0 Try later", "waiting", ""),
        ("DATA", "552 5.3.4 Too large", "failed", ""),
        ("DATA", "554 5.7.1 Refused", "failed", ""),
    ],
)
def test_what_the_mail_server_answers(post, phase, answer, state, returned):
    bad, good = make_subscriber(email="bad@example.com"), make_subscriber(email="good@example.com")
    post.answers[phase] = lambda address: answer if address == bad.email else None
    issue = send_now(make_issue())
    assert states(issue) == {bad.email: state, good.email: "sent"}
    delivery = Delivery.objects.get(subscriber=bad)
    assert delivery.answer.startswith(answer[:3])
    bad.refresh_from_db()
    assert bad.returned == returned
    assert issue.state == ("sending" if state == "waiting" else "sent")


def test_a_later_try_keeps_the_message_id_and_backs_off(post):
    make_subscriber(email="slow@example.com")
    post.answers["RCPT"] = lambda address: "451 Later"
    issue = send_now(make_issue())
    waits = []
    for _ in range(5):
        delivery = Delivery.objects.get()
        waits.append(round((delivery.try_after - timezone.now()).total_seconds(), -1))
        Delivery.objects.filter(state="waiting").update(try_after=timezone.now())
        sending.send_due()
    assert waits[:4] == [60, 300, 1800, 7200] and Delivery.objects.get().state == "failed"
    assert Delivery.objects.get().tries == carrier.MOST_TRIES and not post.mails
    issue.refresh_from_db()
    assert issue.state == "sent"


def test_421_ends_the_visit_costs_no_try_and_goes_on_later(post):
    for _ in range(10):
        make_subscriber()
    post.answers["RCPT"] = lambda address: "421 4.7.0 Too many"
    issue = send_now(make_issue())
    assert set(states(issue).values()) == {"waiting"} and not post.mails
    assert set(Delivery.objects.values_list("tries", flat=True)) == {0}
    post.answers.clear()
    Delivery.objects.update(try_after=timezone.now())
    assert sending.send_due() == 10


def test_a_mail_server_that_is_down_loses_nothing(settings, post):
    for _ in range(5):
        make_subscriber()
    up = settings.MAILERS
    settings.MAILERS = mailers(free_port())
    issue = send_now(make_issue())
    assert set(states(issue).values()) == {"waiting"}
    settings.MAILERS = up
    Delivery.objects.update(try_after=timezone.now())
    assert sending.send_due() == 5 and len(post.mails) == 5


def test_a_connection_that_drops_after_the_text_leaves_one_in_doubt(post):
    """Taken by the server or not, she gets no second copy unless a person decides so."""
    make_subscriber(email="drop@example.com")
    make_subscriber(email="good@example.com")

    async def take_and_drop(handler, server, envelope):
        handler.take(envelope)
        server.transport.abort()
        return "250 too late"

    post.answers["DATA"] = lambda address: take_and_drop if address.startswith("drop") else None
    issue = send_now(make_issue())
    assert states(issue) == {"drop@example.com": "doubtful", "good@example.com": "sent"}
    sending.send_due()
    assert len(post.to("drop@example.com")) == 1 and issue.state == "sent"
    post.answers.clear()
    assert sending.send_doubtful_again(issue) == 1 and sending.send_due() == 1
    first, second = post.to("drop@example.com")
    assert first["Message-ID"] == second["Message-ID"]


def test_a_server_that_hangs_after_the_text_leaves_one_in_doubt(post, settings):
    settings.MAILERS = mailers(post.port, timeout=1)
    make_subscriber(email="hang@example.com")
    make_subscriber(email="good@example.com")

    async def hang(handler, server, envelope):
        await asyncio.sleep(3)
        return "451 too late"

    post.answers["DATA"] = lambda address: hang if address.startswith("hang") else None
    issue = send_now(make_issue())
    assert states(issue) == {"hang@example.com": "doubtful", "good@example.com": "sent"}


def test_a_server_that_hangs_before_the_text_puts_nobody_in_doubt(post, settings, monkeypatch):
    settings.MAILERS = mailers(post.port, timeout=1)
    for _ in range(5):
        make_subscriber()
    hanging = [True]

    async def answer(server, session, envelope, address, options):
        if hanging[0]:
            await asyncio.sleep(3)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    monkeypatch.setattr(post, "handle_RCPT", answer)
    issue = send_now(make_issue())
    assert set(states(issue).values()) == {"waiting"} and issue.state == "sending"
    assert set(issue.deliveries.values_list("tries", flat=True)) == {0}, "nobody's fault"
    hanging.clear()
    hanging.append(False)
    issue.deliveries.update(try_after=timezone.now())
    assert sending.send_due() == 5 and len(post.mails) == 5


def test_more_than_five_percent_failures_hold_the_letter_and_say_why(post):
    for n in range(60):
        make_subscriber(email=f"{'bad' if n % 2 else 'good'}{n}@example.com")
    post.answers["RCPT"] = lambda a: "554 5.7.1 Blocked" if a.startswith("bad") else None
    issue = send_now(make_issue())
    assert issue.state == "paused" and "Blocked" in issue.held_because
    assert issue.deliveries.filter(state="failed").count() == MOST_FAILURES + 1
    post.answers.clear()
    assert sending.resume(issue)
    sending.send_due()
    issue.refresh_from_db()
    assert issue.state == "sent" and not issue.deliveries.filter(state="waiting").exists()


def test_what_a_dead_worker_held_goes_on_and_the_one_in_flight_is_in_doubt(post, monkeypatch):
    people = [make_subscriber() for _ in range(5)]
    issue = make_issue()
    sending.start(issue)
    dead = sending.Worker(issue)
    dead.envelopes = None
    claimed = dead.claim()
    assert len(claimed) == 5 and dead.record_and_begin(claimed[0][0])
    assert sending.send_due() == 0  # its lease still holds
    monkeypatch.setattr(ledger, "LEASE_SECONDS", 0.2)
    time.sleep(0.3)
    assert sending.send_due() == 4
    assert sorted(states(issue).values()) == ["doubtful", *["sent"] * 4] and len(post.mails) == 4
    assert dead.record_and_begin(claimed[1][0]) is None  # it was only asleep: no leave any more
    assert {m["To"] for m in post.mails} == {p.email for p in people} - {
        Delivery.objects.get(state="doubtful").subscriber.email
    }


def test_a_stop_of_letters_never_blocks_other_mail_and_the_reverse(post, words, client, sign_up):
    from advocacy_site import mail

    person = make_subscriber(email="wren@example.com", stopped_at=timezone.now())
    mail.send("newsletter-welcome", person.email, {"choices": []})
    assert len(post.mails) == 1
    assert send_now(make_issue()).deliveries.count() == 0
    assert Issue.objects.get().state == "sent"

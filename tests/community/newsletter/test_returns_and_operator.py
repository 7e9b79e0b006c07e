"""Mail that comes back, what operators run, and what the editors' desk shows."""

import base64
import json
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from community.newsletter import consent, digest, sending, tokens
from community.newsletter.models import Delivery, Issue, Subscriber
from community.newsletter.returns import note_complaint, read_returned_mail
from tests.factories import make_article, make_issue, make_member, make_subscriber

pytestmark = pytest.mark.django_db

REPORT = b"""From: mailer-daemon@relay.example
To: bounces@harbor.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

It could not be delivered.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; %s
Action: %s
Status: %s
Diagnostic-Code: smtp; 550 no such user

--x--
"""


def run(name, *args, **options):
    out = StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue()


def post_event(client, secret="relay:secret", **event):
    token = base64.b64encode(secret.encode()).decode()
    return client.post(
        "/mail-events/postmark/tracking/",
        json.dumps(event),
        content_type="application/json",
        headers={"Authorization": f"Basic {token}"},
        secure=True,
    )


def test_a_signed_notice_of_the_relay_stops_mail_and_an_unsigned_one_does_nothing(client):
    wren = make_subscriber(email="wren@example.com")
    bounce = {"RecordType": "Bounce", "Type": "HardBounce", "Email": "wren@example.com",
              "Description": "No such user", "BouncedAt": "2026-11-01T00:00:00Z"}  # fmt: skip
    assert post_event(client, "relay:wrong", **bounce).status_code == 400
    wren.refresh_from_db()
    assert not wren.returned
    for _ in range(2):
        assert post_event(client, **bounce).status_code == 200
    wren.refresh_from_db()
    assert wren.returned == "bounce" and wren.return_note == "No such user"


@pytest.mark.parametrize(
    ("action", "status", "stops"),
    [(b"failed", b"5.1.1", True), (b"failed", b"5.2.2", False), (b"delayed", b"4.4.1", False)],
)
def test_a_delivery_report_in_the_bounce_mailbox(action, status, stops):
    wren = make_subscriber(email="wren@example.com")
    delivery = Delivery.objects.create(issue=make_issue(), subscriber=wren, state="sent")
    quoted = f"Message-ID: <letter.{tokens.delivery_mark(delivery.pk)}@testserver>\n".encode()
    stopped = read_returned_mail(REPORT % (b"WREN@example.com", action, status) + quoted)
    assert stopped == (["WREN@example.com"] if stops else [])
    wren.refresh_from_db()
    assert bool(wren.returned) == stops


@pytest.mark.parametrize(
    "source", [b"", b"\x00\xff" * 99, b"Subject: hi\n\nShe died.", REPORT[:200]]
)
def test_other_mail_in_the_bounce_mailbox_is_left_to_a_person(source):
    assert read_returned_mail(source) == []


def test_more_than_three_in_a_thousand_complaints_hold_the_letter():
    people = [make_subscriber() for _ in range(4)]
    issue = make_issue(state="sending", started_at=timezone.now())
    for person in people:
        Delivery.objects.create(
            issue=issue, subscriber=person, state="sent", done_at=timezone.now()
        )
    for person in people[:2]:
        note_complaint(person.email, "unwanted")
    issue.refresh_from_db()
    assert issue.state == "sending"
    note_complaint(people[2].email, "unwanted")
    issue.refresh_from_db()
    assert issue.state == "paused" and "3 of 4" in issue.held_because
    assert Subscriber.objects.filter(returned="complaint").count() == 3


def test_every_verb_can_be_tried_without_changing_anything():
    make_article(slug="one")
    person = make_subscriber(email="wren@example.com")
    make_subscriber(unconfirmed=True, asked_at=timezone.now() - timedelta(days=40))
    issue = make_issue()
    sending.schedule(issue, timezone.now())
    before = list(Subscriber.objects.values()), list(Issue.objects.values())
    assert "Due: This week" in run("send_due", "--dry-run")
    assert "Forgotten: 1" in run("prune_subscribers", "--dry-run")
    assert "Would stop" in run("stop_subscriber", person.email, "--dry-run")
    assert "[[article:one]]" in run("make_digest", "--dry-run")
    run("hold_letter", "--dry-run")
    assert before == (list(Subscriber.objects.values()), list(Issue.objects.values()))


def test_verbs_are_safe_to_run_twice(post, words):
    person = make_subscriber(email="wren@example.com")
    make_article(slug="one")
    assert "Made" in run("make_digest", "--send") and "Nothing is new" in run("make_digest")
    run("send_due"), run("send_due")
    assert len(post.mails) == 1 and "/articles/one/" in str(
        post.last.get_body(("plain",)).get_content()
    )
    assert digest.whats_new() == ""
    assert "Done." in run("stop_subscriber", person.email)
    assert "Nothing to change" in run("stop_subscriber", "WREN@example.com")
    with pytest.raises(CommandError):
        run("stop_subscriber", "nobody@example.com")


def test_only_a_list_manager_exports_and_it_is_logged():
    make_subscriber(email="wren@example.com")
    make_subscriber(email="new@example.com", unconfirmed=True)
    editor, manager = make_member(editor=True), make_member(staff=True)
    manager.user_permissions.add(Permission.objects.get(codename="export_subscribers"))
    with pytest.raises(CommandError, match="list manager"):
        run("export_subscribers", by=editor.email, why="Moving")
    assert not LogEntry.objects.exists()
    out = run("export_subscribers", by=manager.email, why="Moving")
    assert "wren@example.com" in out and "new@" not in out
    assert LogEntry.objects.get().change_message == "Exported 1 subscribers: Moving"


def test_the_desk_shows_no_address_and_finds_only_whole_ones(client, django_assert_max_num_queries):
    for n in range(60):
        make_subscriber(email=f"wren{n}@example.com")
    client.force_login(make_member(editor=True))
    url = reverse("admin:newsletter_subscriber_changelist")
    assert client.get(url, secure=True).status_code == 403  # editors write letters, no more
    client.force_login(make_member(superuser=True))
    with django_assert_max_num_queries(8):
        html = client.get(url, secure=True).content.decode()
    assert "wren7@" not in html and "w•••@example.com" in html
    found = client.get(url, {"q": "wren7@example.com"}, secure=True).content.decode()
    assert "1 result" in found
    assert "0 results" in client.get(url, {"q": "wren7"}, secure=True).content.decode()
    person = Subscriber.objects.first()
    page = client.get(reverse("admin:newsletter_subscriber_change", args=[person.pk]), secure=True)
    assert page.status_code == 200 and person.email not in page.content.decode()


def test_the_list_says_in_words_how_each_subscription_stands(client):
    consent.pause(make_subscriber(), "until-back")
    consent.stop(make_subscriber(), page="/")
    consent.note_return(make_subscriber(), "complaint", "x")
    consent.note_death(make_subscriber(), page="/")
    make_subscriber(confirmed_at=None), make_subscriber(), make_subscriber(wants_letter=False)
    client.force_login(make_member(superuser=True))
    url = reverse("admin:newsletter_subscriber_changelist")
    rows = re.findall(r'field-stands">([^<]*)', client.get(url, secure=True).content.decode())
    assert [" ".join(row.split()[:2]) for row in reversed(rows)] == [
        "Paused", "Stopped on", "Marked as", "Someone wrote", "Not confirmed", "Gets emails",
        "Chose nothing",
    ]  # fmt: skip


def test_the_desk_of_a_letter_is_bounded_and_only_for_those_who_may(
    client, post, django_assert_max_num_queries
):
    for _ in range(30):
        make_subscriber()
    issue = make_issue()
    sending.start(issue)
    sending.send_due()
    desk = reverse("admin:newsletter_issue_desk", args=[issue.pk])
    deed = reverse("admin:newsletter_issue_deed", args=[issue.pk])
    client.force_login(make_member(staff=True))
    for answer in (client.get(desk, secure=True), client.post(deed, {"deed": "send"}, secure=True)):
        assert answer.status_code == 403
    client.force_login(make_member(editor=True))
    with django_assert_max_num_queries(12):
        html = client.get(desk, secure=True).content.decode()
    assert ">30</dd>" in html
    look = client.get(reverse("admin:newsletter_issue_look", args=[issue.pk, "html"]), secure=True)
    policy = look["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "script-src" not in policy
    assert client.get(deed, secure=True).status_code == 403


def test_the_archive_and_the_feed_go_by_when_letters_went_out(client):
    now = timezone.now()
    for n in range(45):  # the first was begun long ago and went out last; two at the same moment
        make_issue(subject=f"Nr {n}.", state="sent", started_at=now - timedelta(days=n // 2))
    there, url = [], "/emails/letters/"
    while url:
        page = client.get(url, secure=True)
        there += re.findall(r"Nr (\d+)\.</a>", page.content.decode())
        older = page.context["older"]
        url = older and f"/emails/letters/?before={older}"
    assert there[:4] == ["1", "0", "3", "2"] and sorted(map(int, there)) == list(range(45))
    feed = client.get("/feeds/letters.atom", secure=True).content.decode()
    assert re.findall(r"Nr (\d+)\.</title>", feed) == there[:20]


def test_the_archive_and_the_feed_hold_what_went_out(client):
    make_issue(subject="A draft")
    make_issue(subject="Not for all", state="sent", started_at=timezone.now(), in_archive=False)
    for n in range(25):
        make_issue(subject=f"Letter {n}", state="sent", started_at=timezone.now())
    first = client.get("/emails/letters/", secure=True)
    html = first.content.decode()
    assert html.count("Letter ") >= 20 and "A draft" not in html and "Not for all" not in html
    assert (
        "Letter 4<"
        in client.get(
            f"/emails/letters/?before={first.context['older']}", secure=True
        ).content.decode()
    )
    for odd in ("x", "-1", "9" * 40, "٣"):
        assert client.get("/emails/letters/", {"before": odd}, secure=True).status_code == 200
    feed = client.get("/feeds/letters.atom", secure=True)
    assert feed.status_code == 200 and b"Letter 24" in feed.content and not feed.cookies
    draft = Issue.objects.get(subject="A draft")
    assert client.get(draft.get_absolute_url(), secure=True).status_code == 404

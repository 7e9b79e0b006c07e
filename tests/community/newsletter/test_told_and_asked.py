"""What is told to whom: silent ways out, deaths, forged reports, addresses that look alike."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from community.members.models import DeathReport
from community.newsletter import consent, jobs, notices, policy_notice, sending, tokens
from community.newsletter.models import ConsentRecord, Delivery, Issue, Subscriber
from community.newsletter.returns import read_returned_mail
from tests.community.newsletter.test_returns_and_operator import REPORT, post_event
from tests.factories import (
    make_article,
    make_issue,
    make_member,
    make_policy_version,
    make_subscriber,
    make_topic,
)
from tests.mail_server import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def wren(words):
    return make_subscriber(email="wren@example.com")


@pytest.fixture
def press(client, wren):
    def press(deed="", **fields):
        url = f"/emails/settings/{tokens.settings_token(wren)}/{deed}"
        answer = client.post(url, fields, secure=True, follow=True)
        if Subscriber.objects.filter(pk=wren.pk).exists():
            wren.refresh_from_db()
        return answer.content.decode()

    return press


def test_choosing_nothing_is_said_and_told_to_her(press, post, wren):
    page = press(how_often="every")
    assert "You get no emails now" in page and wren.choices == []
    assert [mail["To"] for mail in post.mails] == ["wren@example.com"]
    assert "start again here" in text_of(post.last)
    press(how_often="every")
    assert len(post.mails) == 1


def test_a_pause_without_an_end_is_told_to_her_once(press, post, wren):
    press("pause/", how_long="2-weeks")
    assert not post.mails
    press("resume/")
    press("pause/", how_long="until-back")
    press("pause/", how_long="until-back")
    assert len(post.mails) == 1 and tokens.settings_token(wren) in text_of(post.last)


def test_a_report_of_a_death_stops_her_account_too_and_leads_to_a_person(press, post, wren):
    member = make_member(email="Wren@example.com")
    page = press("died/", words="My sister\0 died on Sunday.", how_to_reach="ann@example.com")
    assert "help@harbor.example" in page
    report = DeathReport.objects.get()
    member.refresh_from_db()
    assert report.member == member and not member.accepts_mail and wren.died_at
    assert report.how_known == "My sister died on Sunday."
    assert report.how_to_reach == "ann@example.com"
    assert [mail["To"] for mail in post.mails] == ["help@harbor.example"]
    assert reverse("members:death-reports") in text_of(post.last)
    assert "It was a mistake, I am here" in press("start/") or not wren.died_at
    member.refresh_from_db()
    assert member.accepts_mail and not wren.died_at
    assert wren.records.last().deed == ConsentRecord.Deed.STARTED_AGAIN


def test_who_died_gets_no_goodbye_and_the_report_outlives_her_details(press, post):
    press("died/", how_to_reach="ann@example.com")
    count = len(post.mails)
    page = press("delete/")
    assert "Your details are deleted" in page and "One last email" not in page
    assert len(post.mails) == count and not Subscriber.objects.exists()
    assert DeathReport.objects.get().how_to_reach == "ann@example.com"


def test_no_notice_of_ours_reaches_someone_the_site_remembers(post, words):
    make_member(email="wren@example.com", remembered_at=timezone.now())
    subscriber = make_subscriber(email="wren@example.com", unconfirmed=True)
    notices.welcome(subscriber)
    consent.ask("wren@example.com", ["letter"], words="x", wording=words, page="/")
    notices.answer_signup(subscriber.records.last())
    assert not post.mails


def test_forgetting_does_not_wait_for_addresses_that_are_refused(post, words):
    old = make_subscriber(unconfirmed=True, asked_at=timezone.now() - timedelta(days=40))
    for email in ("typo@nowhere.example", "good@example.com"):
        consent.ask(email, ["letter"], words="x", wording=words, page="/")
        Subscriber.objects.filter(email=email).update(asked_at=timezone.now() - timedelta(days=5))
    post.answers["RCPT"] = lambda a: "550 5.1.2 no such domain" if "nowhere" in a else None
    assert jobs.prune_subscribers() == "Forgotten: 1."
    assert jobs.remind_unconfirmed() == "Reminded: 1."
    assert not Subscriber.objects.filter(pk=old.pk).exists()
    assert [mail["To"] for mail in post.mails] == ["good@example.com"]
    call_command("prune_subscribers")


def test_what_a_server_says_of_an_address_is_not_kept_with_an_error(post, wren):
    post.answers["RCPT"] = lambda a: f"550 5.1.1 <{a}> unknown"
    with pytest.raises(notices.NotTaken) as refused:
        notices.welcome(wren)
    assert "wren@" not in str(refused.value) and refused.value.__suppress_context__


def test_letters_that_look_like_others_make_no_second_person(sign_up, post):
    assert "before the @" in sign_up("\u017fam@example.com").content.decode()
    assert not Subscriber.objects.exists()
    sign_up("sam@example.com")
    sign_up("SAM@example.com")
    assert Subscriber.objects.count() == 1 and Subscriber.objects.by_address("Sam@EXAMPLE.com")


def test_an_address_is_found_by_its_index():
    plan = Subscriber.objects.by_address("wren@example.com").explain()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Subscriber.objects.by_address("wren@example.com").explain()
    assert "subscriber_email_once" in plan


def test_nobody_can_fill_a_strangers_record_or_mailbox(sign_up, post, wren):
    for n in range(6):
        sign_up("wren@example.com")
        sign_up(f"wren+{n}@example.com")
    assert len(post.mails) <= notices.MOST_CONFIRM_MAILS_A_DAY
    assert wren.records.count() <= notices.MOST_CONFIRM_MAILS_A_DAY


def test_a_full_mailbox_told_by_the_relay_stops_nothing(client, wren):
    soft = {"RecordType": "Bounce", "Email": "wren@example.com", "Description": "Mailbox full",
            "BouncedAt": "2026-11-01T00:00:00Z"}  # fmt: skip
    post_event(client, Type="SoftBounce", **soft)
    post_event(client, Type="HardBounce", Details="smtp;552 5.2.2 mailbox full", **soft)
    wren.refresh_from_db()
    assert wren.returned == ""
    post_event(client, Type="HardBounce", Details="smtp;550 5.1.1 no such user", **soft)
    wren.refresh_from_db()
    assert wren.returned == "bounce"


@pytest.fixture
def delivery(wren):
    issue = make_issue(state="sending", started_at=timezone.now())
    return Delivery.objects.create(
        issue=issue, subscriber=wren, state="sent", done_at=timezone.now()
    )


def report(mark, address=b"wren@example.com"):
    return REPORT % (address, b"failed", b"5.1.1") + f"\nMessage-ID: <letter.{mark}@x>\n".encode()


def test_a_report_is_believed_only_with_the_mark_of_her_own_mail(wren, delivery):
    other = Delivery.objects.create(issue=make_issue(), subscriber=make_subscriber(), state="sent")
    forged = f"{delivery.pk}.{'0' * 24}"
    for mark in (forged, f"{delivery.pk}", tokens.delivery_mark(other.pk)):
        assert read_returned_mail(report(mark)) == []
    assert read_returned_mail(report(tokens.delivery_mark(delivery.pk), b"else@example.com")) == []
    wren.refresh_from_db()
    assert not wren.returned
    assert read_returned_mail(report(tokens.delivery_mark(delivery.pk))) == ["wren@example.com"]


def test_a_mark_of_an_earlier_secret_is_still_known(wren, delivery, settings):
    mark = tokens.delivery_mark(delivery.pk)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 9
    assert read_returned_mail(report(mark)) == ["wren@example.com"]


def test_odd_numbers_in_the_archives_address_are_no_error(client, db):
    assert client.get("/emails/letters/", {"before": "²"}, secure=True).status_code == 200


def test_her_record_shows_words_and_not_their_marks(client, wren):
    ConsentRecord.objects.create(
        subscriber=wren, deed="asked", words="See our [privacy policy](/privacy/).", page="/"
    )
    url = f"/emails/settings/{tokens.settings_token(wren)}/"
    page = client.get(url, secure=True).content.decode()
    assert "See our privacy policy." in page


@pytest.fixture
def new_policy(words):
    return make_policy_version(
        "privacy",
        changed="We keep logs for a shorter time.",
        body="The whole new text.\n",
        published_at=timezone.now() + timedelta(days=14),
    )


def test_people_are_told_once_before_the_privacy_policy_changes(post, new_policy):
    polls = make_subscriber(
        email="polls@example.com", wants_letter=False, wants_polls=True, how_often="monthly"
    )
    nothing = make_subscriber(email="nothing@example.com", wants_letter=False)
    paused = make_subscriber(email="paused@example.com", paused_at=timezone.now())
    make_subscriber(stopped_at=timezone.now())
    make_subscriber(unconfirmed=True)
    before = list(Subscriber.objects.order_by("pk").values())
    call_command("tell_policy_change", "--dry-run")
    assert not Issue.objects.exists()
    call_command("tell_policy_change", "--send")
    call_command("tell_policy_change", "--send")
    sending.send_due()
    assert {mail["To"] for mail in post.mails} == {polls.email, nothing.email, paused.email}
    assert len(post.mails) == 3, "a pause is for letters"
    mail = post.to(polls.email)[0]
    assert mail["Subject"] == "Our privacy policy will change"
    for part in ("shorter time", "The whole new text.", "do not have to do anything", "/stop/"):
        assert part in text_of(mail)
    assert list(Subscriber.objects.order_by("pk").values()) == before
    assert not ConsentRecord.objects.exists(), "silence is no consent"
    issue = make_issue(kind="polls")
    sending.start(issue)
    assert sending.send_due() == 1, "a notice is not her letter of the month"


def test_a_policy_in_force_or_without_a_day_has_no_notice(new_policy):
    draft = make_policy_version("privacy", published_at=None)
    in_force = make_policy_version("privacy", published_at=timezone.now())
    rules = make_policy_version("rules", published_at=timezone.now() + timedelta(days=9))
    for version in (draft, in_force, rules):
        with pytest.raises(ValueError):
            policy_notice.make_policy_notice(version)


def test_a_topic_left_out_takes_its_heading_along_and_an_empty_letter_is_not_sent(post):
    topic = make_topic("Trials")
    make_article(slug="one", title="About trials", topics=[topic])
    make_subscriber(email="all@example.com")
    without = make_subscriber(email="without@example.com")
    without.topics_left_out.add(topic)
    sending.start(make_issue(body="Good morning.\n\n## To read\n\n[[article:one]]\n\nBye.\n"))
    sending.send_due()
    assert "To read" in text_of(post.to("all@example.com")[0])
    words = text_of(post.to("without@example.com")[0])
    assert "To read" not in words and "Good morning." in words and "Bye." in words
    sending.start(make_issue(body="## To read\n\n[[article:one]]\n"))
    sending.send_due()
    assert len(post.to("without@example.com")) == 1 and len(post.to("all@example.com")) == 2


def test_mistakes_do_not_use_up_the_sign_ups_of_a_shared_network(sign_up, post):
    for _ in range(30):
        assert sign_up("not an address").status_code == 200
    assert sign_up("wren@example.com").status_code == 200 and len(post.mails) == 1
    answers = [sign_up(f"wren{n}@example.com").status_code for n in range(13)]
    assert answers[-1] == 429


def test_a_domain_is_shown_as_people_write_it(sign_up, post):
    page = sign_up("wren@xn--exmple-cua.de").content.decode()
    assert "wren@exämple.de" in page and post.last["To"] == "wren@xn--exmple-cua.de"
    again = sign_up("wren@xn--exmple-cua.de", again="1").content.decode()
    assert "We sent it once more." in again


def test_list_managers_are_a_group_and_export_nobody_who_left(words, capsys):
    manager = make_member(staff=True)
    manager.groups.add(Group.objects.get(name="List managers"))
    make_subscriber(email="yes@example.com")
    for name, fields in {
        "stopped": {"stopped_at": timezone.now()},
        "paused": {"paused_at": timezone.now()},
        "returned": {"returned": "complaint", "returned_at": timezone.now()},
    }.items():
        make_subscriber(email=f"{name}@example.com", **fields)
    call_command("export_subscribers", by=manager.email, why="Moving")
    out = capsys.readouterr().out
    assert "yes@example.com" in out and out.count("@") == 1


def test_a_list_manager_downloads_the_list_at_the_desk_with_a_reason_on_record(client):
    make_subscriber(email="yes@example.com")
    make_subscriber(email="stopped@example.com", stopped_at=timezone.now())
    url = reverse("admin:newsletter_subscriber_export")
    manager = make_member(staff=True)
    manager.groups.add(Group.objects.get(name="List managers"))
    client.force_login(manager)
    assert "of 1 person" in client.get(url, secure=True).content.decode()
    empty = client.post(url, {"why": " "}, secure=True)
    assert "Write the reason" in empty.content.decode() and not LogEntry.objects.exists()
    answer = client.post(url, {"why": "Moving to another relay"}, secure=True)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="subscribers.csv"'
    lines = answer.content.decode().splitlines()
    assert lines[0] == "email,choices,confirmed_at" and len(lines) == 2
    assert lines[1].startswith("yes@example.com,letter,")
    entry = LogEntry.objects.get()
    assert entry.user == manager
    assert entry.change_message == "Exported 1 subscribers: Moving to another relay"
    changelist = reverse("admin:newsletter_subscriber_changelist")
    assert url in client.get(changelist, secure=True).content.decode()
    for other in (make_member(editor=True), make_member(staff=True)):
        client.force_login(other)
        assert client.get(url, secure=True).status_code == 403
        assert client.post(url, {"why": "x"}, secure=True).status_code == 403
    assert LogEntry.objects.count() == 1


def test_a_report_about_someone_without_an_account_is_read_and_closed(press, client, post):
    press("died/", words="She was my sister.", how_to_reach="jo@example.com")
    lead = make_member(staff=True)
    lead.user_permissions.add(Permission.objects.get(codename="remember_member"))
    reports = reverse("members:death-reports")
    report = DeathReport.objects.get()
    close = reverse("members:close-death-report", args=[report.pk])
    client.force_login(make_member(staff=True))
    assert client.post(close, secure=True).status_code == 403
    client.force_login(lead)
    page = client.get(reports, secure=True).content.decode()
    assert "She was my sister." in page and close in page
    for _ in range(2):
        page = client.post(close, secure=True, follow=True).content.decode()
        assert "Nothing is waiting." in page
    report.refresh_from_db()
    assert report.outcome == "answered" and report.handled_by == lead
    assert client.get(close, secure=True).status_code == 405


def test_a_report_about_a_member_is_not_closed_without_a_decision_about_her(client):
    about = DeathReport.objects.create(who="Wren", member=make_member())
    lead = make_member(staff=True)
    lead.user_permissions.add(Permission.objects.get(codename="remember_member"))
    client.force_login(lead)
    close = reverse("members:close-death-report", args=[about.pk])
    assert client.post(close, secure=True).status_code == 404
    about.refresh_from_db()
    assert about.handled_at is None

"""Export, closing, and what is left afterwards: nothing that says who it was."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from community.members import closing, exporting, ignoring, memorial, personal_data
from community.members.models import ClosedAccount, Export, Member
from community.policies.models import accept
from tests.factories import make_member, make_policy_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def tasks_run(settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def registry(monkeypatch):
    """A registry of its own, so that a test can add to it."""
    monkeypatch.setattr(personal_data, "_exports", dict(personal_data._exports))
    monkeypatch.setattr(personal_data, "_erasures", dict(personal_data._erasures))


def post(client, name, data=None):
    return client.post(reverse(f"members:{name}"), data or {}, secure=True)


def test_a_copy_of_everything_is_made_mailed_and_fetched(client, tasks_run):
    member = make_member(display_name="Ana O'Neill", own_words="Two dogs.")
    accept(make_policy_version("rules"), member)
    client.force_login(member)
    mail.outbox.clear()
    post(client, "your-data")
    assert "ready" in mail.outbox[-1].subject and "Ana O'Neill" in mail.outbox[-1].body
    page = client.get(reverse("members:your-data"), secure=True).content.decode()
    assert "Download your data" in page
    answer = client.get(reverse("members:download", args=[Export.objects.get().pk]), secure=True)
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert sorted(archive.namelist()) == ["your-data.html", "your-data.json"]
    data = json.loads(archive.read("your-data.json"))
    assert data["Your account"][0]["Email address"] == member.email
    assert data["What you agreed to"][0]["Text"].endswith("version 1")
    html = archive.read("your-data.html").decode()
    assert "Two dogs." in html and "O&#x27;Neill" in html


def test_other_apps_add_their_part(registry, tasks_run):
    personal_data.register_export("Comments", lambda member: iter([{"Words": "<b>Hi</b>"}]))
    member = make_member()
    archive = zipfile.ZipFile(io.BytesIO(exporting.archive_of(member)))
    assert json.loads(archive.read("your-data.json"))["Comments"] == [{"Words": "<b>Hi</b>"}]
    assert b"&lt;b&gt;Hi" in archive.read("your-data.html")


def test_a_copy_can_be_asked_for_once_a_day(client):
    member = make_member()
    assert exporting.ask(member) and exporting.ask(member) is None
    Export.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    assert exporting.ask(member)


def test_a_copy_is_nobody_elses_and_ends_after_48_hours(client, tasks_run):
    owner = make_member()
    export = exporting.ask(owner)
    url = reverse("members:download", args=[export.pk])
    assert client.get(url, secure=True).status_code == 302
    client.force_login(make_member())
    assert client.get(url, secure=True).status_code == 404
    client.force_login(owner)
    assert client.get(url, secure=True).status_code == 200
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(url, secure=True).status_code == 404


def test_making_a_copy_twice_is_once_and_its_mail_leads_there(tasks_run, settings):
    export = exporting.ask(make_member())
    assert exporting.make(export.pk) is False and len(mail.outbox) == 1
    letter = mail.outbox[0]
    link = f"{settings.SITE_URL}/account/your-data/"
    assert link in letter.body.split() and f'href="{link}"' in letter.alternatives[0].content


def test_closing_takes_seven_days_in_which_one_can_change_ones_mind(client):
    member = make_member()
    client.force_login(member)
    post(client, "close", {"words": "remove"})
    assert closing.close_due() == 0
    assert "closes on" in client.get(reverse("members:account"), secure=True).content.decode()
    post(client, "stay")
    member.refresh_from_db()
    assert member.closes_at is None and member.closing_words == ""


def test_closing_says_what_is_missing(client):
    client.force_login(make_member())
    page = post(client, "close").content.decode()
    assert "Choose what should become" in page and Member.objects.get().closes_at is None


def close_now(member, words="remove"):
    closing.ask_to_close(member, words)
    Member.objects.filter(pk=member.pk).update(closes_at=timezone.now() - timedelta(seconds=1))
    return closing.close_due()


def test_afterwards_no_text_of_the_database_says_who_it_was(client, tasks_run):
    """Every text, json and binary column of every table, and every session opened."""
    member = make_member(
        email="zebra.quill@harbor.example",
        display_name="Zebraquill",
        own_words="I am Zebraquill",
        staff=True,
        wish_contact="Zebraquill's sister",
    )
    other = make_member(superuser=True)
    client.post(
        reverse("members:password"),
        {"email": member.email, "password": "a password"},
        secure=True,
    )
    accept(make_policy_version("rules", published_by=member), member)
    ignoring.ignore(other, member)
    exporting.ask(member)
    memorial.report_death("Zebraquill", "Friend of zebraquill", "x@y.example")
    memorial.resume_mail(member)
    memorial.remember(member, by=other, note="Zebraquill, by her sister")
    memorial.undo(member, by=other)
    memorial.remember(other, by=member)
    memorial.undo(other, by=member)
    client.post(reverse("members:sign-in"), {"email": "ZEBRA.QUILL@harbor.example"}, secure=True)
    client.post(
        reverse("members:password"),
        {"email": member.email, "password": "a password"},
        secure=True,
    )
    this = ContentType.objects.get_for_model(Member)
    for user in (member, other):
        LogEntry.objects.create(
            user=user, content_type=this, object_id=member.pk, object_repr="Zebraquill",
            action_flag=CHANGE, change_message="Zebraquill renamed",
        )  # fmt: skip
    assert found("zebra") != []
    assert [s for s in Session.objects.all() if "_auth_user_id" in s.get_decoded()]
    assert close_now(member) == 1
    assert found("zebra") == []
    assert not [s for s in Session.objects.all() if "_auth_user_id" in s.get_decoded()]
    assert ClosedAccount.objects.get().words == "remove"
    assert mail.outbox[-1].to == ["zebra.quill@harbor.example"]


def found(word):
    """The columns in which ``word`` stands, in any case."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        )
        places = cursor.fetchall()
        hits = []
        for table, column in places:
            cursor.execute(
                f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ILIKE %s'
                f' OR "{column}"::text ILIKE %s',
                [f"%{word}%", f"%{word.encode().hex()}%"],
            )
            if cursor.fetchone()[0]:
                hits.append((table, column))
    hits += [("session",) for s in Session.objects.all() if word in str(s.get_decoded()).lower()]
    return hits


def test_every_app_is_asked_to_let_go_and_one_that_fails_keeps_all_as_it_was(registry):
    def fail(member, parting):
        raise RuntimeError

    asked = []
    personal_data.register_erasure("notes", lambda member, parting: asked.append(parting))
    member = make_member()
    personal_data.register_erasure("broken", fail)
    assert close_now(member) == 0 and Member.objects.exists()
    personal_data.register_erasure("broken", lambda member, parting: None)
    assert closing.close_due() == 1 and not Member.objects.exists()
    assert asked[-1].words == "remove" and asked[-1].removes("notes", 5)


def test_words_can_be_chosen_one_by_one(client, registry):
    def listing(member, after):
        keys = [str(n) for n in range(60)]
        start = keys.index(after) + 1 if after else 0
        return [
            personal_data.Words(key, f"Comment {key}", "an article", timezone.now())
            for key in keys[start : start + 50]
        ]

    partings = []
    personal_data._erasures.pop("comments")  # the one part that is asked about here is made up
    personal_data.register_erasure(
        "notes", lambda member, parting: partings.append(parting), listing=listing
    )
    member = make_member()
    client.force_login(member)
    chosen = post(client, "close", {"words": "choose"})
    assert chosen.url == reverse("members:choose-words")
    more = post(client, "choose-words", {"remove": ["3", "4", "999"], "more": "yes"})
    assert "after=49" in more.url
    client.post(more.url, {"remove": ["55"]}, secure=True)
    post(client, "choose-words", {"remove": ["4"]})
    Member.objects.update(closes_at=timezone.now() - timedelta(seconds=1))
    assert closing.close_due() == 1
    assert partings[0].marked == {("notes", "4"), ("notes", "55")}
    assert partings[0].removes("notes", 55) and not partings[0].removes("notes", 3)


def test_words_without_the_name_are_kept():
    parting = personal_data.Parting("without-name")
    assert not parting.removes("comments", 1)


def test_someone_who_died_meanwhile_is_not_closed():
    member = make_member()
    closing.ask_to_close(member, "remove")
    memorial.remember(member, by=make_member(superuser=True))
    Member.objects.filter(pk=member.pk).update(closes_at=timezone.now() - timedelta(days=1))
    assert closing.close_due() == 0


def test_the_tidying_command_can_be_tried_first_and_is_safe_twice(tasks_run, capsys):
    member = make_member()
    exporting.ask(member)
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    closing.ask_to_close(make_member(), "remove")
    Member.objects.exclude(pk=member.pk).update(closes_at=timezone.now() - timedelta(seconds=1))
    call_command("tidy_members", dry_run=True)
    assert "1 account" in capsys.readouterr().out
    assert Export.objects.count() == 1 and Member.objects.count() == 2
    call_command("tidy_members")
    assert not Export.objects.exists() and Member.objects.get() == member
    call_command("tidy_members")
    assert "0 accounts" in capsys.readouterr().out.rpartition("Closed")[2]


def test_a_shorter_name_takes_nothing_along_that_is_about_others():
    memorial.report_death("Johanna", "x", "y")
    close_now(make_member(display_name="Jo"))
    assert memorial.DeathReport.objects.get().who == "Johanna"


def test_secrets_of_second_factors_are_not_shown_in_the_admin(admin_client):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    secret = generate_totp_secret()
    row = TOTP.activate(make_member(), secret).instance
    page = admin_client.get(f"/admin/mfa/authenticator/{row.pk}/change/", secure=True)
    assert page.status_code == 200 and secret not in page.content.decode()

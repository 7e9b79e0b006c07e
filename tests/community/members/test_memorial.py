"""When a member dies: one act, mail first, and undone without a trace."""

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import DatabaseError, transaction
from django.urls import reverse

from community.members import mailing, memorial
from community.members.models import DeathReport, Member, MemorialAct
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator():
    member = make_member()
    member.user_permissions.add(Permission.objects.get(codename="remember_member"))
    return Member.objects.get(pk=member.pk)


def post(client, name, data=None, *args):
    return client.post(reverse(f"members:{name}", args=args), data or {}, secure=True)


def page(client, name, *args):
    return client.get(reverse(f"members:{name}", args=args), secure=True)


def test_one_act_closes_the_door_ends_sessions_and_stops_mail(client, moderator):
    ruth = make_member(email="ruth@harbor.example", display_name="Ruth A")
    post(client, "password", {"email": ruth.email, "password": "a password"})
    assert page(client, "account").status_code == 200
    assert memorial.remember(ruth, moderator, died_in=date(2028, 3, 1)) is True
    assert memorial.remember(ruth, moderator) is False
    assert not [s for s in Session.objects.all() if "_auth_user_id" in s.get_decoded()]
    assert page(client, "account").status_code == 302
    mail.outbox.clear()
    assert mailing.mail_member("account-closing", ruth.pk) is False
    assert not mailing.may_mail("RUTH@harbor.example")
    post(client, "sign-in", {"email": ruth.email})
    post(client, "join", {"email": ruth.email, "display_name": "R", "over_18": 1, "rules": 1})
    post(client, "password", {"email": ruth.email, "password": "a password"})
    assert not mail.outbox and page(client, "account").status_code == 302


def test_the_profile_becomes_a_memorial_page(client, moderator):
    ruth = make_member(display_name="Ruth A", own_words="I keep bees.")
    memorial.remember(ruth, moderator, died_in=date(2028, 3, 1), family_words="She read to me.")
    client.force_login(moderator)
    html = page(client, "profile", ruth.handle).content.decode()
    assert 'class="mem-line"' in html and 'class="thread-line"' not in html
    assert "died in March 2028" in html and "I keep bees." in html and "She read to me." in html
    assert "Do not show me" not in html
    assert Member.objects.get(pk=ruth.pk).death_words == "died in March 2028"


def test_the_month_may_be_left_out(client, moderator):
    ruth = make_member(display_name="Ruth A")
    client.force_login(moderator)
    post(client, "remember", {"remember": "yes", "note": "Her sister wrote"}, ruth.handle)
    assert "has died" in page(client, "profile", ruth.handle).content.decode()


def test_a_mistake_is_undone_without_a_trace_for_others(client, moderator):
    ruth = make_member(display_name="Ruth A", joined_at=datetime(2025, 5, 20, tzinfo=UTC))
    client.force_login(moderator)
    before = page(client, "profile", ruth.handle).content
    memorial.report_death("Ruth A", "A neighbor", "555")
    post(
        client,
        "remember",
        {"remember": "yes", "note": "A notice", "month": "3", "year": "2026"},
        ruth.handle,
    )
    assert "Ruth A" in page(client, "remembering").content.decode()
    post(client, "remember", {"undo": "yes"}, ruth.handle)
    page(client, "remember", ruth.handle)  # says that it is undone, to the moderator
    token = b"csrfmiddlewaretoken"
    after = page(client, "profile", ruth.handle).content
    assert after.split(token)[0] == before.split(token)[0]
    assert "Ruth A" not in page(client, "remembering").content.decode()
    ruth = Member.objects.get(pk=ruth.pk)
    assert ruth.may_sign_in and ruth.accepts_mail and ruth.died_in is None
    assert [act.verb for act in ruth.memorial_acts.all()] == ["undone", "remembered"]
    assert DeathReport.objects.get().outcome == "remembered"


def test_only_who_may_can_remember_and_others_cannot_see_the_page(client):
    ruth = make_member()
    assert page(client, "remember", ruth.handle).status_code == 302
    client.force_login(make_member(editor=True))
    assert page(client, "remember", ruth.handle).status_code == 403
    assert (
        post(client, "remember", {"remember": "yes", "note": "x"}, ruth.handle).status_code == 403
    )
    assert page(client, "death-reports").status_code == 403
    assert not Member.objects.get(pk=ruth.pk).is_remembered


def test_how_we_know_must_be_said_and_a_month_without_a_year_is_asked_about(client, moderator):
    ruth = make_member()
    client.force_login(moderator)
    for data in ({}, {"note": "x", "month": "3"}, {"note": "x", "month": "3", "year": "2999"},
                 {"note": "x", "month": "99", "year": "2026"}, {"note": "x", "year": "9" * 30,
                 "month": "1"}):  # fmt: skip
        answer = post(client, "remember", {"remember": "yes", **data}, ruth.handle)
        assert "There is a problem" in answer.content.decode(), data
    assert not Member.objects.get(pk=ruth.pk).is_remembered


def test_who_did_it_is_on_record_and_the_record_never_changes(moderator):
    ruth = make_member()
    memorial.remember(ruth, moderator, note="Her sister wrote")
    act = MemorialAct.objects.get()
    assert (act.by, act.note) == (moderator, "Her sister wrote")
    with pytest.raises(DatabaseError), transaction.atomic():
        MemorialAct.objects.update(note="changed")
    moderator.delete()
    assert MemorialAct.objects.get().by is None


TOLD = {"who": "Ruth A", "how_known": "I am her sister", "how_to_reach": "555 0100"}


def test_telling_us_pauses_mail_at_once_and_changes_nothing_else(client):
    ruth = make_member(display_name="Ruth A")
    assert post(client, "tell", TOLD).url == reverse("members:told")
    ruth = Member.objects.get(pk=ruth.pk)
    assert not ruth.accepts_mail and ruth.may_sign_in and not ruth.is_remembered
    assert DeathReport.objects.get().member == ruth


def test_telling_us_gives_the_same_answer_for_a_name_nobody_has(client):
    make_member(display_name="Ruth A")
    answers = [post(client, "tell", {**TOLD, "who": who}) for who in ("Ruth A", "Nobody")]
    assert answers[0].url == answers[1].url
    assert DeathReport.objects.filter(member=None).count() == 1


@pytest.mark.parametrize("who", ["ruth-a", "https://x.example/members/ruth-a/", " RUTH A "])
def test_a_member_is_found_by_name_handle_or_profile_address(who):
    ruth = make_member(display_name="Ruth A")
    assert memorial.whom_it_is_about(who) == [ruth]


def test_a_name_that_many_share_pauses_nobody_and_is_left_to_a_person():
    for _ in range(memorial.MOST_NAMESAKES + 1):
        make_member(display_name="Ana")
    assert memorial.whom_it_is_about("Ana") == []


def test_the_member_can_still_sign_in_and_start_the_mail_again(client):
    ruth = make_member(display_name="Ruth A")
    memorial.report_death("Ruth A", "x", "y")
    post(client, "sign-in", {"email": ruth.email})
    assert mail.outbox
    client.force_login(ruth)
    assert "I am here" in page(client, "account").content.decode()
    post(client, "resume-mail")
    assert Member.objects.get(pk=ruth.pk).accepts_mail
    assert DeathReport.objects.get().outcome == "mistake"


def test_the_form_says_what_is_missing_and_loses_nothing(client):
    html = post(client, "tell", {**TOLD, "who": ""}).content.decode()
    assert "Enter the name they used here" in html and "I am her sister" in html
    html = post(client, "tell", {**TOLD, "how_known": "x" * 501}).content.decode()
    assert "500 characters or less" in html
    assert not DeathReport.objects.exists()


def test_the_wishes_stated_in_life_stand_where_the_decision_is_made(client, moderator):
    ruth = make_member(wish="remove", wish_contact="My sister Bea")
    client.force_login(moderator)
    html = page(client, "remember", ruth.handle).content.decode()
    assert "Remove my words" in html and "My sister Bea" in html


def test_the_names_are_listed_newest_first_in_bounded_pages(client, moderator, monkeypatch):
    from community.members.views import memorial as views

    monkeypatch.setattr(views, "PAGE", 2)
    for name in ("Ann", "Bea", "Cleo"):
        memorial.remember(make_member(display_name=name), moderator)
    first = page(client, "remembering")
    html = first.content.decode()
    assert html.index("Cleo") < html.index("Bea") and "Ann" not in html
    assert (
        "Ann"
        in client.get(
            reverse("members:remembering"),
            {"before": first.context["older"].isoformat()},
            secure=True,
        ).content.decode()
    )
    for odd in ("x", "\0", "2026-99-99", "9" * 99):
        assert client.get("/remembering/", {"before": odd}, secure=True).status_code == 200


def test_a_refused_address_ends_quietly_and_no_failure_tells_the_address(moderator):
    import smtplib
    from unittest.mock import patch

    refused = smtplib.SMTPRecipientsRefused({moderator.email: (550, b"no")})
    down = smtplib.SMTPServerDisconnected(moderator.email)
    with patch("advocacy_site.mail.EmailMultiAlternatives.send", side_effect=refused):
        assert mailing.mail_member("second-factor-changed", moderator.pk) is False
    with (
        patch("advocacy_site.mail.EmailMultiAlternatives.send", side_effect=down),
        pytest.raises(mailing.MailNotSent) as failure,
    ):
        mailing.mail_member("second-factor-changed", moderator.pk)
    assert moderator.email not in str(failure.value) and failure.value.__suppress_context__


def test_a_death_before_joining_is_refused_and_nothing_typed_is_lost(client, moderator):
    member = make_member(display_name="Ruth", joined_at=datetime(2025, 5, 20, tzinfo=UTC))
    client.force_login(moderator)
    url = reverse("members:remember", args=[member.handle])
    typed = {"remember": "yes", "year": "2025", "note": "Her sister wrote"}
    found = client.post(url, {**typed, "month": "4"}, secure=True).content.decode()
    assert "Ruth joined in May 2025. Enter that month or a later one" in found
    assert "Her sister wrote" in found
    member.refresh_from_db()
    assert not member.is_remembered
    assert client.post(url, {**typed, "month": "5"}, secure=True).status_code == 302
    member.refresh_from_db()
    assert member.is_remembered


def test_staff_who_may_not_remember_read_who_may(client):
    member = make_member()
    for name, args in (("members:remember", [member.handle]), ("members:death-reports", [])):
        client.force_login(make_member(staff=True))
        page = client.get(reverse(name, args=args), secure=True)
        assert page.status_code == 403 and "Leads do this" in page.content.decode()
        client.force_login(make_member())
        page = client.get(reverse(name, args=args), secure=True)
        assert page.status_code == 403 and "Leads do this" not in page.content.decode()

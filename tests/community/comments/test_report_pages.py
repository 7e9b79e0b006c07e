"""Reporting without an account, from a comment and from a profile."""

from datetime import timedelta
from unittest import mock

import pytest
from django.core import signing
from django.utils import timezone

from community.comments import reports, retention
from community.comments.models import ConversationSwitch, Hold, Report
from community.comments.views.reports import _signer
from community.members import personal_data
from community.members.personal_data import Parting
from tests.community.comments.factories import make_comment
from tests.factories import make_article, make_member

pytestmark = pytest.mark.django_db


def made(seconds_ago=60):
    then = timezone.now().timestamp() - seconds_ago
    with mock.patch.object(signing.time, "time", return_value=then):
        return _signer.sign("report")


def send(client, address, reason="spam", **fields):
    return client.post(address, {"reason": reason, "made": made()} | fields, secure=True)


def of(comment):
    return f"/comments/{comment.pk}/report/"


def test_a_guest_reports_a_comment_and_gets_a_confirmation_without_a_cookie(client):
    comment = make_comment("Buy this.")
    page = client.get(of(comment), secure=True)
    assert not page.cookies and b"csrfmiddlewaretoken" not in page.content
    assert "Buy this." in page.content.decode()
    answer = send(client, of(comment), words="It sells.", email="ana@example.com")
    assert answer.status_code == 303 and not answer.cookies
    thanks = client.get(answer["Location"], secure=True).content.decode()
    assert "Thank you for telling us" in thanks and "We do not tell the writer" in thanks
    assert 'class="help-card"' not in thanks
    report = Report.objects.get()
    assert (report.reason, report.words, report.reporter_email) == (
        "spam", "It sells.", "ana@example.com",
    )  # fmt: skip


def test_every_shown_comment_has_the_link_also_where_the_conversation_is_closed(client):
    comment = make_comment()
    ConversationSwitch.objects.create(closed_at=timezone.now() - timedelta(hours=1))
    page = client.get(comment.article.get_absolute_url(), secure=True).content.decode()
    assert f'href="/comments/{comment.pk}/report/"' in page
    assert send(client, of(comment)).status_code == 303
    client.force_login(comment.author)
    page = client.get(comment.article.get_absolute_url(), secure=True).content.decode()
    assert f'href="/comments/{comment.pk}/report/"' not in page


def test_a_worry_shows_the_help_card_at_once(client):
    comment = make_comment()
    answer = send(client, of(comment), "worried")
    thanks = client.get(answer["Location"], secure=True).content.decode()
    assert 'class="help-card"' in thanks and "988" in thanks and "front of the line" in thanks
    assert Report.objects.worried().get().comment == comment


@pytest.mark.parametrize("state", ["held", "hidden", "removed", "deleted"])
@pytest.mark.parametrize("signed_in", [False, True])
def test_a_comment_that_the_reader_may_not_see_cannot_be_reported(client, state, signed_in):
    comment = make_comment("Hidden words.", state=state)
    if signed_in:
        client.force_login(make_member())
    assert client.get(of(comment), secure=True).status_code == 404
    assert send(client, of(comment)).status_code == 404
    assert send(client, "/comments/999999999999999999999/report/").status_code == 404
    assert not Report.objects.exists()


def test_a_comment_under_an_article_that_is_gone_cannot_be_reported(client):
    assert send(client, of(make_comment(on=make_article(withdrawn=True)))).status_code == 404


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": ""}, "Choose what is wrong"),
        ({"reason": "listed"}, "Choose one of the answers below"),
        ({"reason": "spam", "email": "ana@"}, "Enter an email address in this form"),
        ({"reason": "spam", "words": "x" * 501}, "Use 500 characters or fewer"),
        ({"reason": "spam", "made": ""}, "Press “Send report” once more"),
        ({"reason": "spam", "made": "\udc00:1".encode("utf-8", "replace")}, "once more"),
    ],
)
def test_a_slip_comes_back_with_a_sentence_and_everything_typed(client, fields, sentence):
    address = of(make_comment())
    page = client.post(
        address, {"words": "Look at the end.", "made": made()} | fields, secure=True
    ).content.decode()
    assert sentence in page and "There is a problem" in page and "<title>Error: " in page
    assert fields.get("words", "Look at the end.") in page
    assert not Report.objects.exists()


def test_odd_input_is_no_error(client):
    for words in ("\x00", "\u202e\u202d", "\U0001f600" * 500, "x" * 200_000):
        page = send(client, of(make_comment()), words=words)
        assert page.status_code in {200, 303}


def test_a_program_that_fills_the_hidden_field_is_thanked_and_nothing_is_kept(client):
    answer = send(client, of(make_comment()), website="https://spam.example")
    assert answer.status_code == 303 and not Report.objects.exists()


def test_a_form_sent_in_no_time_asks_once_more_and_then_goes_through(client):
    address = of(make_comment())
    page = client.post(address, {"reason": "spam", "made": made(0)}, secure=True)
    assert page.status_code == 200 and not Report.objects.exists()
    assert send(client, address).status_code == 303


def test_a_member_reports_once_hears_by_mail_if_she_ticks_it_and_sees_the_outcome(client):
    comment, reader = make_comment(), make_member()
    client.force_login(reader)
    assert b'type="email"' not in client.get(of(comment), secure=True).content
    for words in ("First.", "Second."):
        send(client, of(comment), words=words, wants_mail="on", email="other@example.com")
    report = Report.objects.get()
    assert (report.reporter, report.words, report.wants_mail) == (reader, "Second.", True)
    assert report.reporter_email == ""
    page = client.get("/account/reports/", secure=True).content.decode()
    assert "Second." in page and "A moderator has yet to look at it." in page
    reports.settle([report], "It stays. It breaks no rule.")
    page = client.get("/account/reports/", secure=True).content.decode()
    assert "It stays. It breaks no rule." in page
    client.force_login(make_member())
    assert b"Second." not in client.get("/account/reports/", secure=True).content


def test_a_profile_is_reported_by_members_and_guests_learn_nothing_of_it(client):
    member = make_member(display_name="Zebulon")
    there, nowhere = f"/members/{member.handle}/report/", "/members/nobody-here/report/"
    pages = [client.get(address, secure=True) for address in (there, nowhere)]
    assert [page.status_code for page in pages] == [200, 200]
    assert b"Zebulon" not in pages[0].content.replace(member.handle.encode(), b"")
    assert [send(client, address)["Location"] for address in (there, nowhere)] == [
        "/reports/thank-you/", "/reports/thank-you/",
    ]  # fmt: skip
    assert Report.objects.get().member == member
    client.force_login(make_member())
    assert "Zebulon" in client.get(there, secure=True).content.decode()
    assert client.get(nowhere, secure=True).status_code == 404
    assert there in client.get(f"/members/{member.handle}/", secure=True).content.decode()
    client.force_login(member)
    assert client.get(there, secure=True).status_code == 404


def test_reports_are_limited_but_worries_have_a_limit_of_their_own(client):
    comment = make_comment()
    answers = [send(client, of(comment), words=f"{n}").status_code for n in range(21)]
    assert answers == [303] * 20 + [429]
    assert send(client, of(comment), "worried").status_code == 303


def test_the_writer_never_learns_who_reported(client):
    writer, reader = make_member(), make_member(display_name="Quagga", handle="quagga")
    comment = make_comment(by=writer)
    reports.report(comment=comment, reason="unkind", words="Aardvark.", reporter=reader)
    client.force_login(writer)
    for address in (
        comment.article.get_absolute_url(), "/account/comments/", "/account/notices/",
        "/account/reports/", of(comment),
    ):  # fmt: skip
        page = client.get(address, secure=True, follow=True).content.decode()
        assert "Quagga" not in page and "Aardvark" not in page, address
    told = str({name: list(f(writer)) for name, f in personal_data.exports().items()})
    assert "quagga" not in told.lower() and "Aardvark" not in told


def test_an_export_holds_what_was_reported_and_why_comments_waited(client):
    member = make_member()
    mine = make_comment("See https://example.org", by=member, state=None)
    reports.report(comment=make_comment(), reason="spam", words="Look.", reporter=member)
    told = personal_data.exports()
    assert [dict(x)["Your words"] for x in told["Reports you sent"](member)] == ["Look."]
    (hold,) = told["Comments that waited for a moderator"](member)
    assert hold["Address"] == f"/comments/{mine.pk}/" and "has a link" in hold["Because"]
    assert "listed" not in str(hold) and "detail" not in str(hold).lower()


def test_a_member_who_leaves_takes_name_and_words_out_of_reports_and_holds(client):
    member = make_member()
    mine = make_comment("Call 617-555-0142", by=member, state=None)
    report, _ = reports.report(
        comment=make_comment(), reason="spam", words="I am Ana.", reporter=member
    )
    about, _ = reports.report(comment=mine, reason="other", words="Ana wrote.", where="x")
    for erasure in personal_data.erasures():
        if erasure.part == "comments":
            erasure.function(member, Parting("remove"))
    report.refresh_from_db()
    about.refresh_from_db()
    assert (report.reporter, report.words, report.reason) == (None, "", "spam")
    assert about.words == ""
    hold = Hold.objects.get(comment=mine)
    assert hold.detail == "" and hold.settled_at is not None


def test_addresses_of_reporters_are_forgotten_30_days_after_the_outcome():
    comment = make_comment()
    report, _ = reports.report(
        comment=comment, reason="spam", words="Look.", email="ana@example.com", where="x"
    )
    Report.objects.update(created_at=timezone.now() - timedelta(days=300))
    assert retention.forget()["addresses of reporters"] == 0
    reports.settle([report], "It stays.")
    Report.objects.update(settled_at=timezone.now() - timedelta(days=29))
    assert retention.forget()["addresses of reporters"] == 0
    Report.objects.update(settled_at=timezone.now() - timedelta(days=31))
    assert retention.forget()["addresses of reporters"] == 1
    report.refresh_from_db()
    assert report.reporter_email == "" and report.words == "Look."

"""What waits for a moderator, as its writer and everyone else meets it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from community.comments import reports, screening, wordlists, writing
from community.comments.forms import _signer
from community.comments.models import Comment, Hold, ListedWord, Notice, Report
from community.comments.moderation import HELD_NOTE, set_state
from tests.community.comments.factories import make_comment, rules_in_force
from tests.community.moderation.factories import decide
from tests.factories import make_article, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    rules_in_force()
    return make_article()


@pytest.fixture
def known():
    """A member whose first comments were read: the common rules apply, nothing more."""
    member = make_member(display_name="Wren")
    for number in range(screening.FIRST_COMMENTS):
        make_comment(f"Earlier {number}.", by=member, at=timezone.now() - timedelta(days=1))
    return member


def post(member, text="Warm words.", **more):
    return make_comment(text, by=member, state=None, **more)


def reasons(comment):
    hold = Hold.objects.waiting().filter(comment=comment).first()
    return hold.reasons if hold else []


def list_word(text, action="hold"):
    return ListedWord.objects.create(text=text, action=action)


def send(client, article, text, *, seconds_ago=60, **fields):
    member = fields.pop("member")
    made = sign(member, seconds_ago)
    fields = {"text": text, "rules": rules_in_force().pk, "made": made} | fields
    return client.post(f"{article.get_absolute_url()}conversation/", fields, secure=True)


def sign(member, seconds_ago):
    from unittest import mock

    from django.core import signing

    then = timezone.now().timestamp() - seconds_ago
    with mock.patch.object(signing.time, "time", return_value=then):
        return _signer.sign(str(member.pk))


def test_the_first_three_comments_wait_until_three_are_approved():
    member = make_member()
    before = timezone.now() - timedelta(hours=1)
    first = [post(member, f"Words {n}.", at=before) for n in range(4)]
    assert [comment.state for comment in first] == ["held"] * 4
    assert reasons(first[0]) == ["first"]
    for comment in first[:2]:
        set_state(comment, "visible")
    assert post(member, "Words 5.").state == "held"
    set_state(first[2], "visible")
    assert post(member, "Words 6.").state == "visible"


def test_a_trusted_member_posts_at_once_whatever_it_is_but_not_while_on_hold():
    member = make_member(trusted=True)
    assert post(member, "See https://example.org or call 617-555-0142.").state == "visible"
    decide("held-all", member=member)
    assert reasons(post(member, "Hello again.")) == ["member"]
    decide("released", member=member)
    decide("trusted", member=member)
    member.refresh_from_db()
    assert post(member, "And now.").state == "visible"


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        ("See https://example.org/x", "link", "https://example.org/x"),
        ("[here](https://example.org)", "link", "example.org"),
        ("Write to ana@example.com", "contact", "mail address"),
        ("Write to ana&#64;example.com", "contact", "mail address"),
        ("Call 617-555-0142", "contact", "phone"),
        ("I am at 12 Harbor View Road", "contact", "street"),
        ("My MRN is 00482913", "contact", "record number"),
    ],
)
def test_a_link_or_a_contact_detail_waits_and_the_hold_says_which(known, text, reason, detail):
    comment = post(known, text)
    assert comment.state == "held" and reason in reasons(comment)
    assert detail in comment.holds.get().detail


def test_a_contact_detail_in_the_content_note_waits_as_well(known):
    assert "contact" in reasons(post(known, "Hello.", content_note="call 617-555-0142"))


def test_plain_words_of_a_known_member_show_at_once(known):
    assert post(known, "125 mg for 21 days, and on 11/23/2026 the scan was clear.").state == (
        "visible"
    )


def test_a_listed_word_waits_however_the_marks_part_it(known):
    list_word("miracle cure")
    for text in ("A miracle cure!", "A mir*acle* cure", "A ｍｉｒａｃｌｅ **cure**"):
        comment = post(known, text)
        assert reasons(comment) == ["listed"]
        assert "“miracle cure”" in comment.holds.get().detail


def test_a_listed_word_in_the_address_of_a_link_is_seen(known):
    list_word("badshop")
    assert reasons(post(known, "[look](https://badshop.example/)")) == ["listed", "link"]


def test_a_flagged_word_shows_and_asks_a_moderator_once(known):
    list_word("supplement*", "flag")
    comment = post(known, "These supplements are on my list.")
    assert comment.state == "visible"
    writing.edit(comment, source="Those supplements are on my list.")
    report = Report.objects.get()
    assert (report.comment, report.reason, report.reporter) == (comment, "listed", None)


def test_a_trusted_members_listed_word_shows_and_asks_a_moderator():
    list_word("miracle cure")
    comment = post(make_member(trusted=True), "No miracle cure.")
    assert comment.state == "visible" and Report.objects.get().comment == comment


def test_a_refused_word_comes_back_with_a_sentence_beside_the_field_and_the_text(
    client, known, article
):
    list_word("free money", "refuse")
    client.force_login(known)
    page = send(client, article, "Get FREE-money here & now", member=known)
    html = page.content.decode()
    assert "Take out “free money”." in html and "Get FREE-money here &amp; now" in html
    assert not Comment.objects.filter(article=article).exists()
    comment = post(known, "Good words.", on=article)
    page = client.post(f"/comments/{comment.pk}/edit/", {"text": "free money"}, secure=True)
    assert "Take out “free money”." in page.content.decode()
    comment.refresh_from_db()
    assert comment.source == "Good words."


def test_the_list_is_read_again_when_it_changes_and_not_otherwise(django_assert_num_queries):
    word = list_word("zebra")
    assert [found.entry for found in wordlists.find("a zebra")] == ["zebra"]
    with django_assert_num_queries(1):
        wordlists.find("a zebra")
    ListedWord.objects.filter(pk=word.pk).update(text="quagga")
    assert wordlists.find("a zebra") == [] and wordlists.find("quagga")
    word.delete()
    assert wordlists.find("quagga") == []


def test_the_same_words_again_wait(known):
    text = "I found that resting in the afternoon helped me most of all."
    assert post(known, text, at=timezone.now() - timedelta(hours=1)).state == "visible"
    assert reasons(post(known, text.upper().replace(".", "!"))) == ["repeated"]
    assert post(known, "Thank you so much!").state == "visible"
    assert post(known, "Thank you so much!").state == "visible"


def test_a_long_text_that_somebody_else_posted_waits(known):
    text = "Everyone should read what this doctor found out about the dose, it changed my life."
    make_comment(text, by=make_member())
    assert reasons(post(known, text)) == ["repeated"]


def test_the_sixth_comment_in_ten_minutes_waits(known):
    states = [post(known, f"Answer {n}.").state for n in range(screening.MANY + 1)]
    assert states == ["visible"] * screening.MANY + ["held"]
    assert reasons(Comment.objects.latest("pk")) == ["many"]


def test_an_edit_is_looked_at_and_takes_a_shown_comment_back_into_the_line(known):
    comment = post(known)
    writing.edit(comment, source="Warm words at https://example.org")
    comment.refresh_from_db()
    assert (comment.state, reasons(comment)) == ("held", ["link"])
    assert comment.article.conversation.latest_id != comment.pk


def test_undoing_an_edit_does_not_show_what_no_moderator_has_read(known):
    comment = post(known, "See https://example.org")
    writing.edit(comment, source="See the other page.")
    comment.refresh_from_db()
    set_state(comment, "visible")
    writing.undo_edit(comment)
    comment.refresh_from_db()
    assert comment.source == "See https://example.org"
    assert (comment.state, reasons(comment)) == ("held", ["link"])


def test_a_reported_comment_that_is_changed_waits_even_from_a_trusted_member():
    comment = post(make_member(trusted=True))
    reports.report(comment=comment, reason="unkind", where="192.0.2.1")
    writing.edit(comment, source="Kinder words.")
    comment.refresh_from_db()
    assert reasons(comment) == ["reported"]


@pytest.mark.parametrize(
    ("fields", "seconds", "waits"),
    [
        ({}, 60, False),
        ({"website": "https://spam.example"}, 60, True),
        ({"made": ""}, 60, True),
        ({"made": "forged:1:2"}, 60, True),
        ({}, 0, True),
    ],
)
def test_what_a_program_seems_to_have_sent_waits_and_is_not_lost(
    client, known, article, fields, seconds, waits
):
    client.force_login(known)
    send(client, article, "Warm words.", seconds_ago=seconds, member=known, **fields)
    comment = Comment.objects.get(article=article)
    assert reasons(comment) == (["program"] if waits else [])


def test_a_form_made_for_another_member_is_no_form(client, known, article):
    client.force_login(known)
    send(client, article, "Warm.", made=sign(make_member(), 60), member=known)
    assert reasons(Comment.objects.get(article=article)) == ["program"]


def test_the_writer_sees_the_note_others_nothing_and_neighbors_hear_when_it_shows(client, article):
    writer, neighbor = make_member(), make_member()
    parent = make_comment("Hello.", by=neighbor, on=article)
    comment = post(writer, "My first words here.", to=parent)
    from community.comments.notices import tell_about

    assert tell_about(comment.pk) == 0
    client.force_login(writer)
    page = client.get(article.get_absolute_url(), secure=True).content.decode()
    assert HELD_NOTE in page and "My first words here." in page
    client.force_login(neighbor)
    assert b"My first words" not in client.get(article.get_absolute_url(), secure=True).content
    set_state(comment, "visible")
    assert tell_about(comment.pk) == 1 and Notice.objects.get().member == neighbor
    assert reasons(comment) == []


def test_htmx_says_that_the_comment_is_kept(client, article):
    writer = make_member()
    client.force_login(writer)
    fields = {"text": "First words.", "rules": rules_in_force().pk}
    address = f"{article.get_absolute_url()}conversation/"
    answer = client.post(address, fields, secure=True, headers={"HX-Request": "true"})
    assert "Your comment is kept. Only you can see this" in answer["HX-Trigger"]
    assert HELD_NOTE in answer.content.decode()

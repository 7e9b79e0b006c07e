"""Writing a letter at the desk: how it looks while it is typed, cards chosen from the site."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from community.newsletter.models import Delivery, Issue
from community.newsletter.writing import write_letter
from tests.community.comments.factories import make_comment
from tests.factories import make_article, make_issue, make_member, make_poll, make_subscriber

pytestmark = pytest.mark.django_db

WORDS = {
    "kind": "letter",
    "subject": "Sunday",
    "discreet_subject": "Your letter from us",
    "opening": "Three things.",
    "body": "Good morning.\n\n[[article:one]]\n",
}


@pytest.fixture
def editor(client):
    client.force_login(make_member(editor=True))
    return client


def ask(client, name, *args, **facts):
    return client.get(reverse(f"admin:newsletter_issue_{name}", args=args), facts, secure=True)


def typed(client, look, **words):
    url = reverse("admin:newsletter_issue_typed", args=[look])
    return client.post(url, WORDS | words, secure=True)


def test_what_is_typed_is_shown_as_it_will_look_and_kept_nowhere(editor):
    make_article(slug="one", title="The dose conversation")
    html = typed(editor, "html")
    assert "The dose conversation" in html.content.decode() and "Sunday" in html.content.decode()
    # It may draw itself and nothing else, whatever is typed.
    policy = html.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy
    assert "allow-scripts" not in policy and html.headers["X-Frame-Options"] == "SAMEORIGIN"
    discreet = typed(editor, "discreet").content.decode()
    assert "Your letter from us" in discreet and "Sunday" not in discreet
    text = typed(editor, "text")
    assert text.headers["Content-Type"].startswith("text/plain")
    assert text.content.decode().startswith("Sunday\n\nGood morning.\n\nThe dose conversation\n")
    assert not typed(editor, "text-discreet").content.decode().startswith("Sunday")
    assert "zz0" not in html.content.decode() + text.content.decode()
    assert not Issue.objects.exists()


@pytest.mark.parametrize("body", ["", "[" * 50_000, "\0", "[[article:nowhere]]", "zz0card7zz"])
def test_odd_words_have_a_preview_and_sentences_and_no_error(editor, body):
    for look in ("html", "text", "no-such-look"):
        assert typed(editor, look, body=body).status_code == 200
    url = reverse("admin:newsletter_issue_problems")
    assert "problems" in editor.post(url, WORDS | {"body": body}, secure=True).json()


def test_cards_are_chosen_from_the_site_newest_first_and_by_words(editor):
    make_article(slug="old", title="Old words", published_at=timezone.now() - timedelta(days=9))
    new = make_article(slug="new", title="New words")
    make_article(slug="draft", title="Draft words", draft=True)
    poll = make_poll(question="Tea or coffee?")
    make_comment(on=new)

    def found(kind, words=""):
        return [p["slug"] for p in ask(editor, "picks", kind=kind, q=words).json()["picks"]]

    assert found("article") == ["new", "old"] and found("article", "OLD") == ["old"]
    assert found("conversation") == ["new"] and found("conversation", "old") == []
    assert found("poll") == [poll.slug] and found("poll", "tea") == [poll.slug]
    assert found("poll", "%") == found("no-such-kind") == found("article", "\0zz") == []
    for kind in ("article", "conversation", "poll"):
        [slug, *_] = found(kind)
        assert not write_letter(Issue(body=f"[[{kind}:{slug}]]")).problems


def test_what_is_new_since_the_last_letter_is_one_press(editor):
    make_article(slug="old", published_at=timezone.now() - timedelta(days=3))
    make_issue(state="sent", started_at=timezone.now() - timedelta(days=2))
    make_article(slug="new", published_at=timezone.now() - timedelta(days=1))
    assert ask(editor, "new").json()["markdown"] == "## New this week\n\n[[article:new]]\n"
    page = ask(editor, "add").content.decode()
    assert "[[article:new]]" in page and "[[article:old]]" not in page


@pytest.mark.parametrize("name", ["picks", "new", "token", "problems", "typed"])
def test_only_who_may_write_letters_is_answered(client, name):
    args = ["html"] if name == "typed" else []
    url = reverse(f"admin:newsletter_issue_{name}", args=args)
    send = client.post if name in {"problems", "typed"} else client.get
    assert send(url, secure=True).status_code == 302
    client.force_login(make_member(staff=True))
    assert send(url, secure=True).status_code == 403


def test_words_sent_after_the_session_ended_come_back_to_copy(client):
    issue = make_issue()
    for url in (
        reverse("admin:newsletter_issue_add"),
        reverse("admin:newsletter_issue_change", args=[issue.pk]),
    ):
        answer = client.post(url, WORDS | {"body": "Hours of work."}, secure=True)
        assert answer.status_code == 403 and "Hours of work." in answer.content.decode()


def test_the_words_of_a_letter_that_left_are_read_at_the_desk(editor):
    issue = make_issue(state="sent", started_at=timezone.now())
    answer = ask(editor, "change", issue.pk)
    assert answer.status_code == 302
    assert answer.url == reverse("admin:newsletter_issue_desk", args=[issue.pk])


def test_the_progress_of_a_letter_is_asked_for_in_numbers(editor, client):
    issue = make_issue(state="sending", started_at=timezone.now())
    answer = ask(editor, "progress", issue.pk).json()
    assert re.fullmatch(r"\d+:\d\d:\d\d [AP]M", answer.pop("at"))
    assert answer == {
        "state": "sending",
        "progress": {
            "total": 0, "sent": 0, "failed": 0, "skipped": 0, "doubtful": 0, "left": 0,
            "a_second": 0.0, "percent": 100, "time_to_end": "–",
        },
    }  # fmt: skip
    client.force_login(make_member(staff=True))
    assert ask(client, "progress", issue.pk).status_code == 403


def test_the_desk_of_a_stopped_letter_says_how_many_will_not_get_it(editor):
    for state, says in (("paused", "<dt>Left</dt>"), ("stopped", "<dt>Will not get it</dt>")):
        issue = make_issue(state=state, started_at=timezone.now())
        assert says in ask(editor, "desk", issue.pk).content.decode()


def test_sources_are_numbered_once_and_stand_at_the_end_behind_the_cards():
    make_article(slug="one", title="A card")
    letter = write_letter(
        Issue(body="First.[^a]\n\n[[article:one]]\nThen.[^b]\n\n[^a]: A book.\n[^b]: A paper.\n")
    )
    assert not letter.problems
    assert [bool(part.card) for part in letter.parts] == [False, True, False]
    written = letter.for_reader()
    assert "First.[1]" in written.text and "Then.[2]" in written.text
    assert "1. A book.\n\n2. A paper." in written.text
    for words in (written.text, written.html):
        assert words.index("A card") < words.index("Then.") < words.index("A paper.")
        assert "back to" not in words and 'href="#' not in words


def test_a_card_inside_a_box_is_a_problem_and_its_mark_is_never_sent():
    make_article(slug="one")
    boxed = write_letter(Issue(body="::: note Gently\n[[article:one]]\n:::\n"))
    assert any("outside of boxes" in problem for problem in boxed.problems)
    listed = write_letter(Issue(body="- a\n[[article:one]]\n- b\n"))
    assert not listed.problems and [bool(p.card) for p in listed.parts] == [False, True, False]


def test_several_links_of_a_paragraph_can_be_told_apart_in_the_text():
    text = write_letter(
        Issue(body="Go [here](/a/) or [there](/b/). And [home](/).\n\n[One](/c/).\n")
    )
    words = text.for_reader().text
    assert "Go here [1] or there [2]. And home [3]." in words
    assert "\n[2] https://testserver/b/\n" in words and "One.\nhttps://testserver/c/" in words


@pytest.mark.parametrize("address", ["javascript:alert(1)", " DATA:text/html,x", "file:///etc"])
def test_a_link_the_gate_refuses_is_a_problem_and_not_words_in_a_mail(address):
    assert any("A link" in p for p in write_letter(Issue(body=f"[bad]({address})")).problems)


def test_a_letter_that_is_held_or_stopped_leaves_the_archive(client):
    states = ("sending", "sent", "paused", "stopped")
    letters = {s: make_issue(subject=f"Is {s}", state=s, started_at=timezone.now()) for s in states}
    found = {
        s: client.get(i.get_absolute_url(), secure=True).status_code for s, i in letters.items()
    }
    assert found == {"sending": 200, "sent": 200, "paused": 404, "stopped": 404}
    for url in ("/emails/letters/", "/feeds/letters.atom"):
        words = client.get(url, secure=True).content.decode()
        assert "Is sent" in words and "Is paused" not in words and "Is stopped" not in words


@pytest.fixture
def looker(client):
    """Staff who may read letters and no more."""
    member = make_member(staff=True)
    member.user_permissions.add(Permission.objects.get(codename="view_issue"))
    client.force_login(member)
    return client


def in_state(state):
    """A letter whose state lets the deed do something, with one person in doubt."""
    now = timezone.now()
    issue = make_issue(
        state=state,
        started_at=None if state in {"draft", "scheduled"} else now,
        scheduled_for=now + timedelta(days=1) if state == "scheduled" else None,
    )
    Delivery.objects.create(issue=issue, subscriber=make_subscriber(), state="doubtful")
    return issue


@pytest.mark.parametrize(
    ("state", "deed"),
    [("sending", "hold"), ("paused", "resume"), ("paused", "stop"), ("sending", "doubtful"),
     ("scheduled", "unschedule"), ("draft", "schedule"), ("draft", "try")],
)  # fmt: skip
def test_who_may_only_look_at_letters_moves_none(looker, mailoutbox, state, deed):
    issue = in_state(state)
    assert ask(looker, "desk", issue.pk).status_code == 200
    url = reverse("admin:newsletter_issue_deed", args=[issue.pk])
    tomorrow = timezone.localdate() + timedelta(days=1)
    fields = {"when_0": str(tomorrow), "when_1": "09:00", "address": "wren@example.com"}
    assert looker.post(url, {"deed": deed, **fields}, secure=True).status_code == 403
    before, after = issue.__dict__.copy(), Issue.objects.get(pk=issue.pk).__dict__.copy()
    assert before | {"_state": None} == after | {"_state": None}
    assert issue.deliveries.get().state == "doubtful" and not mailoutbox
    # The same from who may send them does something.
    looker.force_login(make_member(editor=True))
    assert looker.post(url, {"deed": deed, **fields}, secure=True).status_code == 302
    now = Issue.objects.get(pk=issue.pk)
    assert mailoutbox or now.state != state or issue.deliveries.get().state != "doubtful"


def test_who_may_only_look_at_letters_sends_none(looker):
    issue = in_state("draft")
    url = reverse("admin:newsletter_issue_send", args=[issue.pk])
    for answer in (looker.get(url, secure=True), looker.post(url, secure=True)):
        assert answer.status_code == 403
    assert Issue.objects.get(pk=issue.pk).state == "draft"

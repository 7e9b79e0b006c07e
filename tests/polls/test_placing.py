"""A poll at its place in an article, after it, and the community poll."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from advocacy_site.cards import find_card
from articles.exporting import export_article
from articles.front_matter import BadFile
from articles.importing import import_article
from polls.files import PollFile, _end, _write_end, keep
from polls.models import Placement, Poll
from polls.placing import articles_with
from tests.factories import fill_ballots, make_article, make_member, make_poll, make_topic

pytestmark = pytest.mark.django_db


def read(client, article):
    return client.get(article.get_absolute_url(), secure=True).content.decode()


def test_a_poll_stands_at_its_place_in_two_articles_and_is_one_poll(client):
    poll = make_poll("Tea", "Coffee", slug="tea")
    first = make_article(body="Before.\n\n[[poll:tea]]\n\nAfter.\n")
    second = make_article(body="[[poll:tea]]\n")
    html = read(client, first)
    assert html.index("Before.") < html.index('id="poll-tea"') < html.index("After.")
    assert 'id="poll-tea"' in read(client, second)
    assert set(articles_with(poll)) == {first, second}


def test_a_place_without_an_open_or_closed_poll_stays_empty(client):
    make_poll(slug="draft", draft=True)
    make_poll(slug="later", scheduled=True)
    article = make_article(body="[[poll:draft]]\n\n[[poll:later]]\n\n[[poll:nowhere]]\n")
    html = read(client, article)
    assert 'class="poll"' not in html and "poll-place" not in html


def test_a_closed_poll_shows_its_results_in_the_article(client):
    poll = make_poll("Tea", "Coffee", slug="tea", closed=True)
    fill_ballots(poll, 6, 4)
    html = read(client, make_article(body="[[poll:tea]]\n"))
    assert "60%" in html and "<form" not in html.split('id="poll-tea"')[1].split("</section>")[0]


def test_placements_follow_the_text_whichever_was_there_first():
    article = make_article(body="[[poll:tea]]\n")
    poll = make_poll(slug="tea")
    assert Placement.objects.get().in_text
    article.body = "Nothing.\n"
    article.save()
    assert not articles_with(poll).exists()


def test_a_poll_placed_with_an_article_stands_after_its_text(client):
    article, poll = make_article(), make_poll(slug="tea")
    Placement.objects.create(article=article, poll=poll)
    assert 'id="poll-tea"' in read(client, article)
    assert 'id="poll-tea"' not in read(client, make_article())


def test_the_community_poll_stands_on_home_and_at_the_foot_of_every_article_once(client):
    make_poll(slug="survey", featured=True)
    plain, holds_it = make_article(), make_article(body="[[poll:survey]]\n")
    home = client.get("/", secure=True).content.decode()
    for html in (home, read(client, plain), read(client, holds_it)):
        assert html.count('id="poll-survey"') == 1
    assert "Community poll" in home


def test_one_poll_is_featured_at_a_time_and_the_next_ones_have_their_dates(client):
    now = timezone.now()
    first = make_poll(featured=True, featured_until=now + timedelta(days=7))
    make_poll(slug="next", featured_from=now + timedelta(days=7))
    with pytest.raises(IntegrityError, match="poll_one_featured_at_a_time"), transaction.atomic():
        make_poll(featured_from=now + timedelta(days=3))
    clash = Poll(slug="x", question="X?", featured_from=now)
    with pytest.raises(ValidationError, match="Another poll is featured then"):
        clash.full_clean()
    html = client.get("/", secure=True).content.decode()
    assert first.question in html and 'id="poll-next"' not in html


def test_a_signed_in_member_sees_her_own_vote_in_the_article(client):
    from tests.polls.test_voting import send

    article = make_article(body="[[poll:tea]]\n")
    poll = make_poll("Tea", "Coffee", slug="tea")
    client.force_login(make_member())
    send(client, poll, 2)
    assert "Your vote: Coffee." in read(client, article)


def test_the_archive_is_read_page_by_page_and_holds_no_drafts(client):
    now = timezone.now()
    for n in range(45):
        make_poll(opens_at=now - timedelta(hours=n + 1))
    make_poll(draft=True, question="Not for you?")
    seen, address = [], reverse("polls:list")
    while address:
        page = client.get(address, secure=True)
        assert "Not for you?" not in page.content.decode()
        seen += page.context["polls"]
        address = page.context["older"]
    assert len(seen) == len(set(seen)) == 45
    for odd in ("x", "_1", "2026-01-01T00:00:00_1", "\x00", "9" * 99):
        assert client.get(reverse("polls:list"), {"before": odd}, secure=True).status_code == 200


FILE = """---
title: Speaking up
slug: speaking-up
standfirst: How to begin.
topics:
  - Advocacy
published: 2026-10-03
polls:
  - slug: hard-to-speak
    kind: this-or-that
    question: Is it hard for you to speak up?
    choices:
      - 'Yes'
      - 'No'
  - slug: our-survey
    kind: one
    question: Have you filled in our yearly survey?
    closes: 2027-10-03
    choices:
      - 'Yes'
      - text: Not yet
        follow_text: Take the survey
        follow_url: https://survey.example/
---
First.

[[poll:hard-to-speak]]
"""


@pytest.fixture
def import_text(tmp_path):
    make_topic("Advocacy")

    def run(text):
        path = tmp_path / "a.md"
        path.write_text(text)
        return import_article(path)

    return run


def test_a_file_defines_polls_and_export_gives_them_back(import_text, client):
    imported = import_text(FILE)
    html = read(client, imported.article)
    assert html.index("First.") < html.index('id="poll-hard-to-speak"')
    assert 'id="poll-our-survey"' in html
    assert export_article(imported.article) == FILE
    assert import_text(FILE).outcome == "unchanged"
    changed = FILE.replace("Is it hard", "Is it difficult")
    assert import_text(changed).outcome == "updated"
    assert Poll.objects.get(slug="hard-to-speak").question.startswith("Is it difficult")


def test_a_file_cannot_reword_what_people_voted_on(import_text):
    import_text(FILE)
    fill_ballots(Poll.objects.get(slug="hard-to-speak"), 1)
    for before, after in (("Is it hard", "Is it easy"), ("'No'", "'Never'")):
        with pytest.raises(BadFile, match="people have voted"):
            import_text(FILE.replace(before, after))
    assert import_text(FILE).outcome == "unchanged"
    assert import_text(FILE.replace("First.", "Second.")).outcome == "updated"


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("  - slug: our-survey", "  - slug: Our Survey", "small letters"),
        ("    kind: one", "    kind: ranked", "the kind is one of"),
        ("      - 'No'\n", "", "2 to 8 choices"),
        ("      - 'No'\n", "      - 'No'\n      - Perhaps\n", "exactly two"),
        ("https://survey.example/", "javascript:alert(1)", "needs words and an address"),
        ("closes: 2027-10-03", "closes: 2025-10-03", "closes after it opens"),
        ("slug: our-survey", "slug: hard-to-speak", "only once"),
        ("    kind: one", "    kid: one", 'there is no "kid"'),
        ("      - 'No'\n", "      - 'Yes'\n", "each choice only once"),
        ("question: Have", "question: " + "x" * 140 + "Have", "140 characters"),
    ],
)
def test_mistakes_in_a_file_name_their_line_and_nothing_is_written(
    import_text, before, after, says
):
    with pytest.raises(BadFile, match=says) as wrong:
        import_text(FILE.replace(before, after))
    assert wrong.value.mistakes[0].line == 8
    assert not Poll.objects.exists()


def test_a_poll_is_the_community_poll_only_while_it_is_featured():
    now = timezone.now()
    later = make_poll(featured_from=now + timedelta(days=40))
    past = make_poll(featured_from=now - timedelta(days=9), featured_until=now - timedelta(days=2))
    assert [poll.label for poll in (later, past)] == ["This or That"] * 2
    now_featured = make_poll(
        featured_from=now - timedelta(days=1), featured_until=now + timedelta(1)
    )
    assert now_featured.label == "Community poll"


def test_the_archive_tells_what_people_chose_in_closed_polls_only(client):
    open_one, closed = make_poll("Tea", "Coffee"), make_poll("Window", "Corner", closed=True)
    make_poll(scheduled=True, question="Not before tomorrow?")
    for poll in (open_one, closed):
        fill_ballots(poll, 6, 4)
    html = client.get("/polls/", secure=True).content.decode()
    assert "Window: 60%, Corner: 40%" in html and "Tea: 60%" not in html
    assert html.index("Open now") < html.index(open_one.question) < html.index("Closed, with")
    assert "Not before tomorrow?" not in html


def test_a_day_means_its_end_for_closing(client):
    moment = _end("2026-10-03")
    assert timezone.localtime(moment).isoformat().startswith("2026-10-04T00:00:00")
    assert _write_end(moment).isoformat() == "2026-10-03"
    exact = _end("2026-10-03 09:00:00")
    assert _end(_write_end(exact).isoformat()) == exact and _write_end(None) is None
    midnight = timezone.localtime(timezone.now() + timedelta(days=3)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    poll = make_poll(closes_at=midnight)
    day = date_format(midnight - timedelta(days=1), "l, F j, Y")
    page = client.get(poll.get_absolute_url(), secure=True).content.decode()
    assert f"Open to the end of {day}." in page
    Poll.objects.update(closes_at=midnight + timedelta(hours=15))
    page = client.get(poll.get_absolute_url(), secure=True).content.decode()
    assert re.search(r"Closes on \w+, \w+ \d+, \d{4}, at 3 p\.m\. \w+\.", page)


def test_a_letter_can_hold_the_card_of_a_poll(client):
    poll = make_poll(slug="tea", question="Tea or coffee?", context="On treatment day.")
    make_poll(slug="draft", draft=True)
    card = find_card("poll", "tea")
    assert (card.title, card.path, card.text) == (poll.question, "/polls/tea/", poll.context)
    assert card.action == "Answer the poll"
    assert find_card("poll", "draft") is None and find_card("poll", "nowhere") is None
    Poll.objects.filter(pk=poll.pk).update(closes_at=timezone.now())
    assert find_card("poll", "tea").action == "See what people chose"


def test_a_file_may_swap_two_choices_before_anybody_has_voted():
    poll = make_poll("Yes", "No", slug="tea")
    article = make_article()
    facts = {"min_choices": 1, "max_choices": 1}
    plain = {"follow_text": "", "follow_url": ""}
    choices = [{"text": "No"} | plain, {"text": "Yes"} | plain]
    file = PollFile("tea", poll.question, "this-or-that", choices, facts)
    assert keep(article, [file]) and not keep(article, [file])
    assert list(poll.choices.values_list("position", "text")) == [(1, "No"), (2, "Yes")]
    fill_ballots(poll, 1)
    file.choices = [{"text": "Yes"} | plain, {"text": "No"} | plain]
    with pytest.raises(ValueError, match="people have voted"):
        keep(article, [file])
    file.choices = [
        {"text": "No"} | plain | {"follow_text": "Read", "follow_url": "/x/"},
        choices[1],
    ]
    assert keep(article, [file])

"""What readers are told, and from how many votes on."""

import pytest
from django.test import Client
from django.urls import reverse

from polls.models import Choice
from polls.results import LEAST_VOTERS, percents_of
from tests.factories import fill_ballots, make_poll
from tests.polls.test_voting import send

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("votes", "percents"),
    [
        ([1, 1, 1], [34, 33, 33]),
        ([0, 0], [0, 0]),
        ([7, 0], [100, 0]),
        ([174, 126], [58, 42]),
        ([1, 999], [0, 100]),
        ([1, 1, 1, 1, 1, 1, 1], [15, 15, 14, 14, 14, 14, 14]),
        ([333_333, 333_333, 333_334], [33, 33, 34]),
    ],
)
def test_percents_add_to_100_by_largest_remainder(votes, percents):
    assert percents_of(votes) == percents


def test_percents_always_add_to_100():
    for n in range(1, 400):
        votes = [n, n * n % 17, n * 31 % 101, 5]
        assert sum(percents_of(votes)) == 100
        exact = [100 * v / sum(votes) for v in votes]
        assert all(abs(p - e) < 1 for p, e in zip(percents_of(votes), exact, strict=True))


def results(client, poll):
    return client.get(reverse("polls:results", args=[poll.slug]), secure=True).content.decode()


@pytest.mark.parametrize("closed", [False, True])
def test_no_split_is_shown_under_ten_votes_and_the_page_says_so(client, closed):
    poll = make_poll("Tea", "Coffee", closed=closed)
    fill_ballots(poll, 8, 1)
    html = results(client, poll)
    assert LEAST_VOTERS == 10 and f"{LEAST_VOTERS} people" in html
    assert "%<" not in html and "89" not in html and "8 people" not in html
    fill_ballots(poll, 0, 1)
    assert "80%" in results(client, poll)


def test_results_are_words_first_with_bars_as_decoration_and_a_table(client):
    poll = make_poll("Tea", "Coffee")
    fill_ballots(poll, 174, 125)
    html = send(client, poll, 2).content.decode()
    assert '<span class="pct">58%</span>' in html and "174 people" in html
    assert "300 votes. This shows what people here chose." in html
    assert html.count('class="mine"') == 1 and "Coffee (your vote)" in html
    assert 'aria-hidden="true"' in html.split('<svg class="tally"')[1].split(">")[0]
    assert "<caption" in html and "style=" not in html


def test_shares_of_pick_several_are_of_people(client):
    poll = make_poll("A", "B", "C", kind="several", min_choices=1, max_choices=3)
    fill_ballots(poll, 6, 6)
    for _ in range(1):
        send(client, poll, 1, 2)
    html = results(client, poll)
    assert html.count("54%</span>") == 2 and "13 people voted, and could choose several" in html


def test_a_follow_up_is_offered_after_its_answer_only(client):
    poll = make_poll("Yes", "Not yet")
    Choice.objects.filter(poll=poll, position=2).update(
        follow_text="Take the survey", follow_url="https://survey.example/mbc"
    )
    assert "Take the survey" not in send(client, poll, 1).content.decode()
    page = send(client, poll, 2).content.decode()
    assert 'href="https://survey.example/mbc" rel="noopener">Take the survey</a>' in page


def test_a_page_for_readers_who_have_not_voted_never_holds_a_vote(client):
    """It may be kept and given to the next reader."""
    poll = make_poll("Tea", "Coffee", featured=True)
    fill_ballots(poll, 9, 9)
    before = Client().get(poll.get_absolute_url(), secure=True)
    send(client, poll, 1)
    for address in ("/", poll.get_absolute_url(), reverse("polls:list")):
        page = Client().get(address, secure=True)
        assert "Your vote" not in page.content.decode(), address
        assert "Cookie" not in page.headers.get("Vary", "")
    after = Client().get(poll.get_absolute_url(), secure=True)
    assert before.content == after.content
    own = client.get(reverse("polls:results", args=[poll.slug]), secure=True)
    assert "Your vote" in own.content.decode() and "no-store" in own.headers["Cache-Control"]


def test_the_share_picture_shows_the_question_and_no_result_while_open(client):
    poll = make_poll("Tea", "Coffee", question="Tea, or " + "coffee " * 18)
    address = reverse("polls:picture", args=[poll.slug])
    empty = client.get(address, secure=True)
    assert empty["Content-Type"] == "image/png" and empty.content[:4] == b"\x89PNG"
    fill_ballots(poll, 9, 9)
    assert client.get(address, secure=True).content == empty.content
    draft = reverse("polls:picture", args=[make_poll(draft=True).slug])
    assert client.get(draft, secure=True).status_code == 404

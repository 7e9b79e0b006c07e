"""Whoever has voted sees it again, and nobody else's page changes by that."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from polls import voting
from polls.models import Choice, Poll
from tests.factories import fill_ballots, make_article, make_member, make_picture, make_poll
from tests.polls.test_voting import keys, send, totals

pytestmark = pytest.mark.django_db


@pytest.fixture
def poll():
    poll = make_poll("Tea", "Coffee", slug="tea", featured=True)
    fill_ballots(poll, 6, 6)
    return poll


@pytest.fixture
def pages(poll):
    article = make_article(body="Words.\n\n[[poll:tea]]\n")
    return ["/polls/tea/", "/polls/", "/", article.get_absolute_url()]


def test_a_guest_sees_her_own_vote_wherever_the_poll_stands(client, poll, pages):
    """With the cookie of the vote, also right after somebody without one was there."""
    for page in pages:
        assert "Your vote is counted." not in Client().get(page, secure=True).content.decode()
    send(client, poll, 1)
    for page in pages:
        html = client.get(page, secure=True).content.decode()
        assert "Your vote is counted." in html and "Change my vote" in html, page
        assert "Your vote is counted." not in Client().get(page, secure=True).content.decode()


def test_a_member_sees_her_own_vote_on_the_polls_page(client, poll):
    client.force_login(make_member())
    send(client, poll, 2)
    html = client.get("/polls/tea/", secure=True).content.decode()
    assert "Your vote is counted." in html and "Take back my vote" in html


def test_pages_are_the_same_for_everyone_who_has_not_voted(client, poll, pages):
    forged = Client()
    forged.cookies[settings.VOTE_COOKIE_NAME] = "no-such-voter"
    for page in pages:
        first = client.get(page, secure=True).content
        assert first == Client().get(page, secure=True).content
        assert b"Your vote is counted." not in forged.get(page, secure=True).content


def test_an_address_cannot_say_of_a_vote_that_it_is_gone(client, poll):
    send(client, poll, 1)
    results = client.get("/polls/tea/results/?done=taken-back", secure=True).content.decode()
    assert "taken back" not in results and "Your vote is counted." in results


def test_nothing_is_said_to_be_taken_back_where_nothing_was(client, poll):
    answer = client.post("/polls/tea/take-back/", secure=True, follow=True).content.decode()
    assert "There is no vote from this device" in answer and "is taken back" not in answer
    assert totals(poll) == [12, 6, 6]


def test_taking_back_counts_against_the_same_limit_as_voting(client, poll, monkeypatch):
    monkeypatch.setattr("polls.views.VOTES_FROM_ONE_ADDRESS", 2)
    send(client, poll, 1)
    for status in (302, 429):
        assert client.post("/polls/tea/take-back/", secure=True).status_code == status


def test_a_member_is_limited_like_everyone(client, poll, monkeypatch):
    monkeypatch.setattr("polls.views.VOTES_FROM_ONE_ADDRESS", 1)
    client.force_login(make_member())
    assert [send(client, poll, 1).status_code for _ in range(2)] == [200, 429]


def test_a_guest_without_a_token_can_take_back(poll):
    strict = Client(enforce_csrf_checks=True)
    send(strict, poll, 1)
    assert totals(poll)[0] == 13
    assert strict.post("/polls/tea/take-back/", secure=True).status_code == 302
    assert totals(poll)[0] == 12


SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def test_a_form_opened_before_signing_in_in_another_tab_still_counts_once(poll):
    """It has no token; the browser itself says that this site's page sent it."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(make_member())
    assert send(browser, poll, 1, headers=SAME_ORIGIN).status_code == 200
    assert send(browser, poll, 1, headers={"Sec-Fetch-Site": "same-site"}).status_code == 403
    assert send(browser, poll, 1, headers={"Sec-Fetch-Site": "none"}).status_code == 403
    assert send(browser, poll, 1).status_code == 403
    assert totals(poll) == [13, 7, 6]


def test_nobodys_press_counts_for_words_she_has_not_read(client):
    poll = make_poll("Tea", "Coffee")
    page = client.get(poll.get_absolute_url(), secure=True).content.decode()
    wording = Poll.objects.get().wording
    assert f'name="wording" value="{wording}"' in page
    Choice.objects.filter(poll=poll, position=1).update(text="Wine")
    address, tea = reverse("polls:vote", args=[poll.slug]), keys(poll, 1)
    answer = client.post(address, {"choice": tea, "wording": wording}, secure=True)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "The words of this poll were changed" in html and " checked" not in html
    assert "Wine" in html and totals(poll) == [0, 0, 0]


def test_an_answer_that_went_meanwhile_gets_a_sentence(client, monkeypatch):
    """Between finding the poll and counting the vote."""
    poll = make_poll("A", "B", "C")
    send(client, poll, 3)
    client.post(reverse("polls:take-back", args=[poll.slug]), secure=True)
    read = voting.read_choices

    def slowly(*args):
        positions = read(*args)
        Choice.objects.filter(poll=poll, position=3).delete()
        return positions

    monkeypatch.setattr(voting, "read_choices", slowly)
    answer = send(client, poll, raw=keys(poll, 3))
    assert answer.status_code == 422 and "were changed a moment ago" in answer.content.decode()


def test_prefer_not_to_say_beside_an_answer_is_told_and_kept(client):
    poll = make_poll("A", "B", "C", kind="several", max_choices=3)
    html = send(client, poll, raw=["skip", *keys(poll, 2)]).content.decode()
    assert "Choose answers, or “Prefer not to say”, not both." in html
    assert html.count(" checked") == 2 and totals(poll)[0] == 0


def test_a_closed_poll_says_so_whatever_was_sent(client):
    poll, other = make_poll(closed=True), make_poll()
    for raw in ([], keys(other, 1), ["nonsense"]):
        assert "This poll is closed." in send(client, poll, raw=raw).content.decode()


def test_on_its_own_page_the_question_is_said_once_also_after_a_press(client, poll):
    here = {"HX-Current-URL": "https://testserver/polls/tea/"}
    send(client, poll, 2)
    pressed = send(client, poll, 1, htmx=True, headers=here).content.decode()
    assert poll.question not in pressed.split("<details")[0] and "data-focus" in pressed
    mistake = send(client, poll, htmx=True, headers=here).content.decode()
    assert poll.question not in mistake
    elsewhere = {"HX-Current-URL": "https://testserver/articles/x/"}
    assert "<h2" in send(client, poll, 1, htmx=True, headers=elsewhere).content.decode()


def test_with_pictures_a_radio_is_named_by_its_answer():
    poll = make_poll("Harbor", "Forest", slug="places")
    poll.choices.update(picture=make_picture())
    html = Client().get("/polls/places/", secure=True).content.decode()
    choice = poll.choices.first()
    assert f'aria-labelledby="poll-places-words-{choice.pk}"' in html
    assert f'<span id="poll-places-words-{choice.pk}">Harbor</span>' in html


def test_only_editors_keep_the_picture_of_a_draft(client):
    client.force_login(make_member(editor=True))
    for fields, kept in (({"draft": True}, "private, no-store"), ({}, "public, max-age=86400")):
        address = reverse("polls:picture", args=[make_poll(**fields).slug])
        assert client.get(address, secure=True)["Cache-Control"] == kept

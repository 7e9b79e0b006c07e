"""One vote each, changeable until the poll closes, by plain forms and in place."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from polls.counting import polls_with_wrong_totals
from polls.models import Ballot, Poll, Tally
from polls.placing import one_poll
from tests.factories import fill_ballots, make_member, make_poll

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def totals(poll):
    """``[voters, votes of the first choice, ...]``, and proof that they are the ballots'."""
    assert polls_with_wrong_totals() == []
    found = one_poll(poll.slug)
    return [found.voters, *(choice.votes for choice in found.choice_list)]


def keys(poll, *positions):
    by_position = {choice.position: choice.pk for choice in poll.choices.all()}
    return [str(by_position[position]) for position in positions]


def send(client, poll, *positions, raw=None, follow=True, htmx=False, **options):
    data = {"choice": raw if raw is not None else keys(poll, *positions)}
    data["next"] = options.pop("back", "")
    headers = {**(HTMX if htmx else {}), **options.pop("headers", {})}
    return client.post(
        reverse("polls:vote", args=[poll.slug]),
        data,
        secure=True,
        follow=follow,
        headers=headers,
        **options,
    )


def test_a_guest_votes_with_a_plain_form_and_lands_on_the_results(client):
    poll = make_poll("Tea", "Coffee")
    page = send(client, poll, 1)
    assert page.redirect_chain[-1] == (reverse("polls:results", args=[poll.slug]), 302)
    assert "Your vote is counted." in page.content.decode()
    assert "Your vote: Tea." in page.content.decode()
    assert totals(poll) == [1, 1, 0]


def test_the_first_vote_gives_a_signed_random_cookie_and_nothing_before_it_does(client):
    poll = make_poll()
    for name in ("poll", "results", "vote"):
        assert not client.get(reverse(f"polls:{name}", args=[poll.slug]), secure=True).cookies
    send(client, poll, raw=["skip"])
    send(client, poll, raw=[])
    assert not client.cookies
    first = send(client, poll, 1, follow=False)
    assert first.status_code == 307 and totals(poll) == [0, 0, 0]
    cookie = first.cookies[settings.VOTE_COOKIE_NAME]
    assert settings.VOTE_COOKIE_NAME == "__Host-voter"
    assert cookie["httponly"] and cookie["secure"] and cookie["samesite"] == "Lax"
    assert cookie["path"] == "/" and not cookie["domain"]
    assert len(cookie.value) < 90


def test_one_visitor_counts_once_however_often(client):
    poll = make_poll("Tea", "Coffee")
    for _ in range(3):
        send(client, poll, 1)
    assert totals(poll) == [1, 1, 0]


def test_two_presses_before_the_cookie_came_are_one_voter(client):
    poll = make_poll("Tea", "Coffee")
    send(client, poll, 1, follow=False)
    send(client, poll, 1)
    assert totals(poll) == [1, 1, 0]


def test_a_vote_can_be_changed_and_taken_back_until_the_poll_closes(client):
    poll = make_poll("Tea", "Coffee")
    send(client, poll, 1)
    send(client, poll, 2)
    assert totals(poll) == [1, 0, 1]
    form = client.get(reverse("polls:vote", args=[poll.slug]), secure=True).content.decode()
    assert re.search(rf'value="{keys(poll, 2)[0]}" checked', form)
    back = client.post(
        reverse("polls:take-back", args=[poll.slug]), secure=True, follow=True
    ).content.decode()
    assert "Your vote is taken back." in back and totals(poll) == [0, 0, 0]
    send(client, poll, 2)
    Poll.objects.update(closes_at=timezone.now() - timedelta(seconds=1))
    for answer in (
        send(client, poll, 1),
        client.post(reverse("polls:take-back", args=[poll.slug]), secure=True),
    ):
        assert answer.status_code == 422 and "This poll is closed." in answer.content.decode()
    assert totals(poll) == [1, 0, 1]


def test_prefer_not_to_say_counts_nowhere_and_takes_an_earlier_vote_back(client):
    poll = make_poll("Tea", "Coffee")
    page = send(client, poll, raw=["skip"])
    assert "Nothing was counted." in page.content.decode() and totals(poll) == [0, 0, 0]
    send(client, poll, 1)
    send(client, poll, raw=["skip"])
    assert totals(poll) == [0, 0, 0] and not Ballot.objects.exists()


def test_htmx_gets_the_result_in_place_announced_with_focus_on_its_question(client):
    poll = make_poll("Tea", "Coffee")
    fill_ballots(poll, 6, 3)
    answer = send(client, poll, 1, htmx=True, back="/articles/tea/#poll-x")
    html = answer.content.decode()
    assert answer.status_code == 200 and html.count("<section") == 1 and "<html" not in html
    assert "Your vote is counted. Tea: 70%, Coffee: 30%" in answer.headers["HX-Trigger"]
    assert "data-focus" in html and "Your vote</span>" in html
    assert "next=/articles/tea/%23poll-x" in html.replace("%2F", "/")
    assert "no-store" in answer.headers["Cache-Control"]


def test_pick_several_keeps_to_least_and_most(client):
    poll = make_poll("A", "B", "C", "D", kind="several", min_choices=2, max_choices=3)
    for wrong in ([1], [1, 2, 3, 4]):
        page = send(client, poll, *wrong)
        assert page.status_code == 422
        assert "Choose 2 to 3 answers." in page.content.decode()
        assert page.content.decode().count(" checked") == len(wrong)
    send(client, poll, 3, 1)
    assert totals(poll) == [1, 1, 0, 1, 0]
    send(client, poll, 2, 3)
    assert totals(poll) == [1, 0, 1, 1, 0]


def test_mistakes_get_a_sentence_and_change_nothing(client):
    poll, other = make_poll("Tea", "Coffee"), make_poll("Window", "Corner")
    send(client, poll, 1)
    odd = ["\x00", "\ud800", "9" * 5000, "-1", "1e3", "ישן", "\u202e1", "<b>", " "]
    for raw in (
        [],
        keys(other, 1),
        keys(poll, 1, 2),
        ["skip", *keys(poll, 1)],
        *([o] for o in odd),
    ):
        data = {"choice": [v.encode("utf-8", "surrogatepass") for v in raw]}
        page = client.post(reverse("polls:vote", args=[poll.slug]), data, secure=True)
        html = page.content.decode()
        assert page.status_code == 422, raw
        assert "<title>Error: " in html and "There is a problem" in html
        assert re.search(r'class="poll-error"[^>]*>Choose ', html)
    assert totals(poll) == [1, 1, 0] and totals(other) == [0, 0, 0]


def test_a_poll_that_is_not_open_takes_no_votes(client):
    assert send(client, make_poll(draft=True), 1).status_code == 404
    assert send(client, make_poll(scheduled=True), 1).status_code == 404
    closed = make_poll(closed=True)
    page = send(client, closed, 1)
    assert page.status_code == 422 and "This poll is closed." in page.content.decode()
    assert not Tally.objects.exists() and not client.cookies


def test_asking_for_the_address_counts_nothing(client):
    poll = make_poll()
    client.get(reverse("polls:vote", args=[poll.slug]), {"choice": keys(poll, 1)}, secure=True)
    take_back = client.get(reverse("polls:take-back", args=[poll.slug]), secure=True)
    assert take_back.status_code == 405 and totals(poll) == [0, 0, 0]


@pytest.mark.parametrize(
    "elsewhere", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://x.org"}]
)
def test_a_form_on_another_site_cannot_vote(client, elsewhere):
    poll = make_poll()
    send(client, poll, 1)
    assert send(client, poll, 2, headers=elsewhere).status_code == 403
    assert totals(poll) == [1, 1, 0]


def test_a_forged_cookie_is_refused_and_removed(client):
    poll = make_poll()
    send(client, poll, 1)
    good = client.cookies[settings.VOTE_COOKIE_NAME].value
    for forged in ("x", "", good[:-1] + ("A" if good[-1] != "A" else "B"), "a:b:c" * 400, "\x01"):
        client.cookies[settings.VOTE_COOKIE_NAME] = forged
        page = send(client, poll, 2, follow=False)
        assert page.status_code == 422 and "nothing was counted" in page.content.decode(), forged
        assert page.cookies[settings.VOTE_COOKIE_NAME]["max-age"] == 0
    assert totals(poll) == [1, 1, 0]


def test_a_copied_cookie_is_the_same_voter(client):
    poll, thief = make_poll("Tea", "Coffee"), Client()
    send(client, poll, 1)
    thief.cookies[settings.VOTE_COOKIE_NAME] = client.cookies[settings.VOTE_COOKIE_NAME].value
    send(thief, poll, 2)
    assert totals(poll) == [1, 0, 1]


def test_a_browser_that_keeps_no_cookie_is_told_so_and_not_counted(client):
    poll = make_poll()
    address = reverse("polls:vote", args=[poll.slug]) + "?asked=1"
    page = client.post(address, {"choice": keys(poll, 1)}, secure=True)
    assert page.status_code == 422 and "Allow cookies" in page.content.decode()
    assert totals(poll) == [0, 0, 0]


def test_a_clinic_behind_one_address_can_vote_and_a_script_is_stopped(client):
    poll = make_poll()
    for _ in range(300):
        visitor = Client(REMOTE_ADDR="192.0.2.7")
        send(visitor, poll, 1)
    assert totals(poll)[0] == 300
    for spoofed in ("203.0.113.1", "203.0.113.2, 10.0.0.1"):
        headers = {"X-Forwarded-For": spoofed}
        refused = send(Client(REMOTE_ADDR="192.0.2.7"), poll, 1, headers=headers)
        assert refused.status_code == 429
    assert send(Client(REMOTE_ADDR="192.0.2.8"), poll, 1).status_code == 200
    assert totals(poll)[0] == 301


def test_a_member_votes_once_on_every_machine_and_needs_the_token(client):
    poll, member = make_poll("Tea", "Coffee"), make_member()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member)
    assert send(strict, poll, 1).status_code == 403
    for machine, position in ((client, 1), (Client(), 2)):
        machine.force_login(member)
        page = machine.get(poll.get_absolute_url(), secure=True).content.decode()
        assert "csrfmiddlewaretoken" in page
        send(machine, poll, position)
    assert totals(poll) == [1, 0, 1]
    assert settings.VOTE_COOKIE_NAME not in client.cookies


def sign_in(client, member):
    client.post(
        reverse("admin:login"), {"username": member.email, "password": "a password"}, secure=True
    )


def test_a_vote_made_before_signing_in_becomes_the_members_and_counts_once(client):
    tea, seat = make_poll("Tea", "Coffee"), make_poll("Window", "Corner")
    member = make_member(staff=True)
    send(client, tea, 1)
    sign_in(client, member)
    assert totals(tea) == [1, 1, 0]
    send(client, tea, 2)
    send(client, seat, 1)
    assert totals(tea) == [1, 0, 1] and totals(seat) == [1, 1, 0]


def test_where_guest_and_member_both_voted_the_members_own_vote_stays(client):
    poll, closed, member = make_poll("Tea", "Coffee"), make_poll("A", "B"), make_member(staff=True)
    home = Client()
    home.force_login(member)
    send(home, poll, 1)
    send(home, closed, 1)
    send(client, poll, 2)
    send(client, closed, 2)
    Poll.objects.filter(pk=closed.pk).update(closes_at=timezone.now())
    sign_in(client, member)
    assert totals(poll) == [1, 1, 0]
    assert totals(closed) == [2, 1, 1]  # totals of a closed poll never change


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil",
    "javascript:1",
    "/a\r\nX: y",
    "/" + "a" * 400,
    "\ud800",
    "/polls/x/vote/",
]


@pytest.mark.parametrize("to", ELSEWHERE)
def test_the_way_back_leads_nowhere_else(client, to):
    poll = make_poll()
    address = reverse("polls:results", args=[poll.slug])
    page = client.get(address, {"next": to.encode("utf-8", "surrogatepass")}, secure=True)
    assert page.status_code == 200 and "Go back to where you were" not in page.content.decode()


def test_the_way_back_leads_to_the_place_in_the_article(client):
    poll = make_poll()
    page = send(client, poll, 1, back="/articles/tea/#poll-x").content.decode()
    assert '<a class="quiet" href="/articles/tea/#poll-x">Go back to where you were</a>' in page

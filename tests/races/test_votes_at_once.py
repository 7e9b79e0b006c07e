"""Real commits at the same moment."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from polls.counting import mix_ballots, polls_with_wrong_totals, rebuild_totals
from polls.models import Choice, Poll
from polls.placing import one_poll
from polls.voting import REWORDED, NotCounted, adopt_votes, cast, take_back
from tests.factories import make_poll
from tests.races.locks import count_waiting

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(deed, arguments, workers=20):
    def run(argument):
        try:
            return deed(argument)
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, arguments))


def totals(poll):
    assert polls_with_wrong_totals() == []
    found = one_poll(poll.slug)
    return [found.voters, *(choice.votes for choice in found.choice_list)]


def test_two_hundred_votes_of_one_visitor_at_once_count_once():
    poll = make_poll("Tea", "Coffee")
    address = reverse("polls:vote", args=[poll.slug])
    tea, coffee = (str(choice.pk) for choice in poll.choices.all())
    visitor = Client()
    visitor.post(address, {"choice": tea}, secure=True)  # brings the cookie, counts nothing
    cookie = visitor.cookies[settings.VOTE_COOKIE_NAME].value

    def press(choice):
        client = Client()
        client.cookies[settings.VOTE_COOKIE_NAME] = cookie
        return client.post(address, {"choice": choice}, secure=True).status_code

    assert set(at_once(press, [tea] * 200)) == {302}
    assert totals(poll) == [1, 1, 0]
    at_once(press, [tea, coffee] * 50)
    assert totals(poll)[0] == 1 and sum(totals(poll)[1:]) == 1


def test_two_hundred_first_presses_without_a_cookie_count_nothing_yet():
    poll = make_poll("Tea", "Coffee")
    address = reverse("polls:vote", args=[poll.slug])
    tea = str(poll.choices.first().pk)
    answers = at_once(lambda _: Client().post(address, {"choice": tea}, secure=True), range(200))
    assert {answer.status_code for answer in answers} == {307}
    assert totals(poll) == [0, 0, 0]


def test_many_voters_who_vote_change_and_take_back_at_once_are_all_counted():
    poll = make_poll("A", "B", "C", kind="several", max_choices=3)

    def deed(n):
        voter = f"guest:{n % 60}"
        if n % 7 == 6:
            take_back(poll, voter)
        else:
            cast(poll, voter, [[1], [1, 2], [2, 3], [1, 2, 3]][n % 4])
        if n % 97 == 0:
            mix_ballots(poll)

    at_once(deed, range(600))
    voters = totals(poll)[0]
    assert 0 < voters <= 60 and voters == poll.ballots.count()


def test_signing_in_while_voting_counts_once():
    poll = make_poll("Tea", "Coffee")
    for _ in range(5):
        cast(poll, "guest:g", [1])
        deeds = [lambda: adopt_votes("guest:g", "member:1"), lambda: cast(poll, "member:1", [2])]
        at_once(lambda deed: deed(), deeds * 5)
        assert totals(poll)[0] == 1


def test_closing_and_rewording_beside_votes_leave_no_vote_on_other_words():
    poll = make_poll("Tea", "Coffee")

    def deed(n):
        if n == 150:
            Poll.objects.filter(pk=poll.pk).update(closes_at=timezone.now())
        elif n % 10 == 0:
            try:
                Choice.objects.filter(poll=poll, position=1).update(text=f"Wine {n}")
            except Exception as refused:
                assert "people have voted" in str(refused)
        else:
            try:
                cast(poll, f"guest:{n}", [1])
            except NotCounted:
                return "closed"
        return "done"

    outcomes = at_once(deed, range(1, 300))
    assert "closed" in outcomes and totals(poll)[0] == poll.ballots.count() > 0


def test_a_vote_cast_while_the_words_change_waits_and_is_not_counted_for_other_words():
    poll = make_poll("Tea", "Coffee")
    wording = Poll.objects.get(pk=poll.pk).wording

    def vote(_):
        try:
            return cast(poll, "guest:g", [1], wording)
        except NotCounted as sentence:
            return str(sentence)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Choice.objects.filter(poll=poll, position=1).update(text="Wine")
            waiting = pool.submit(at_once, vote, [1], 1)
            wait_for_a_waiter()
        assert waiting.result(timeout=10) == [REWORDED]
    assert totals(poll) == [0, 0, 0]


def test_words_that_change_while_a_vote_is_cast_wait_and_are_refused():
    poll = make_poll("Tea", "Coffee")

    def reword(_):
        try:
            return Choice.objects.filter(poll=poll, position=1).update(text="Wine")
        except Exception as refused:
            return str(refused)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            cast(poll, "guest:g", [1])
            waiting = pool.submit(at_once, reword, [1], 1)
            wait_for_a_waiter()
        assert "people have voted" in waiting.result(timeout=10)[0]
    assert poll.choices.get(position=1).text == "Tea" and totals(poll) == [1, 1, 0]


def test_making_totals_anew_beside_votes_loses_none():
    poll = make_poll("Tea", "Coffee")

    def deed(n):
        return rebuild_totals(poll) if n % 10 == 0 else cast(poll, f"guest:{n}", [1])

    at_once(deed, range(200))
    assert totals(poll) == [180, 180, 0]


def wait_for_a_waiter():
    for _ in range(200):
        if count_waiting():
            return
        time.sleep(0.05)
    raise AssertionError("nobody waits")

"""Closing an account: the votes stay in the totals or go, as the person says; the key goes."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from community.members import closing, personal_data
from community.members.models import Member
from polls.models import Ballot
from polls.voters import member_voter, voter_key
from polls.voting import cast
from tests.factories import make_member, make_poll
from tests.polls.test_voting import totals

pytestmark = pytest.mark.django_db
ADDRESS = "members:close"


@pytest.fixture
def member(client):
    member = make_member()
    client.force_login(member)
    return member


def close(client, **answers):
    client.post(reverse(ADDRESS), {"words": "remove", **answers}, secure=True)
    Member.objects.update(closes_at=timezone.now() - timedelta(seconds=1))
    assert closing.close_due() == 1


@pytest.mark.parametrize("answers", [{}, {"polls": "keep"}, {"polls": "nonsense"}])
def test_unless_the_person_says_otherwise_totals_stay_and_the_key_is_forgotten(
    client, member, answers
):
    poll = make_poll("Tea", "Coffee")
    voter = member_voter(member.pk)
    cast(poll, voter, [2])
    if answers.get("polls") == "nonsense":
        page = client.post(reverse(ADDRESS), {"words": "remove", **answers}, secure=True)
        assert "Select a valid choice" in page.content.decode()
        answers = {}
    close(client, **answers)
    assert totals(poll) == [1, 0, 1]
    assert not Ballot.objects.filter(voter_key=voter_key(poll.pk, voter)).exists()


def test_the_votes_go_if_the_person_says_so(client, member):
    poll = make_poll("Tea", "Coffee")
    cast(poll, member_voter(member.pk), [2])
    cast(poll, "guest:other", [1])
    close(client, polls="remove")
    assert totals(poll) == [1, 1, 0]


def test_the_form_asks_with_the_default_marked_and_remembers_the_answer(client, member):
    html = client.get(reverse(ADDRESS), secure=True).content.decode()
    assert "What should become of your votes in polls?" in html
    assert 'value="keep" id="id_polls_0" checked' in html
    client.post(reverse(ADDRESS), {"words": "remove", "polls": "remove"}, secure=True)
    html = client.get(reverse(ADDRESS), secure=True).content.decode()
    assert 'value="remove" id="id_polls_1" checked' in html
    client.post(reverse("members:stay"), secure=True)
    member.refresh_from_db()
    assert member.closing_answers == {}


def test_a_copy_of_everything_holds_no_vote():
    """It is kept in the database, beside the member's name."""
    names = " ".join(personal_data.exports()).lower()
    assert "vote" not in names and "poll" not in names

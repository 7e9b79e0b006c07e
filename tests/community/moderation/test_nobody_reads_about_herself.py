"""A moderator is a member too: of what is about her she knows what any member does."""

import pytest
from django.test import Client

from community.comments.models import Hold
from community.moderation import appeals
from community.moderation.models import ModerationAct
from tests.community.comments.factories import make_comment
from tests.community.moderation.factories import decide, make_moderator, make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator():
    return make_moderator(display_name="Sam")


@pytest.fixture
def hers(moderator, settings):
    client = Client()
    client.force_login(moderator)
    return client


def test_her_own_act_is_not_hers_to_read_at_the_desk(hers, moderator):
    act = decide("hidden", make_comment(by=moderator), why="Between us.")
    page = hers.get(f"/moderation/acts/{act.pk}/")
    assert page.status_code == 403
    assert "Between us." not in page.text
    assert "Another moderator decides this" in page.text


def test_the_record_leaves_out_what_is_about_whoever_searches_it(hers, moderator):
    decide("hidden", make_comment(by=moderator), why="Between us.")
    other = decide("hidden", make_comment(), by=moderator, why="About another.")
    decide("wrote", member=moderator, own_words="Thank you.")
    page = hers.get("/moderation/record/").text
    assert f"/moderation/acts/{other.pk}/" in page
    assert page.count("/moderation/acts/") == 1


def test_a_line_tells_her_only_that_something_about_her_waits(hers, moderator):
    comment = make_comment("Mine, reported.", by=moderator)
    make_report(comment, reason="selling", words="She sells.")
    make_report(member=moderator, reason="unkind")
    page = hers.get("/moderation/reports/").text
    assert page.count("About you or your own words") == 2
    for told in ["It sells or raises funds", "Mine, reported.", f"comments/{comment.pk}/open/"]:
        assert told not in page


def test_a_held_comment_of_hers_is_shown_by_another_only(hers, moderator):
    comment = make_comment("Mine, held.", by=moderator, state="held")
    assert Hold.objects.waiting().count() == 1
    page = hers.get("/moderation/held/").text
    assert "Another moderator decides this." in page
    assert f"/moderation/comments/{comment.pk}/decide/" not in page


def test_her_appeal_and_a_second_look_at_what_is_about_her_are_for_others(hers, moderator):
    comment = make_comment(by=moderator)
    make_report(comment, reason="worried")
    act = decide("hidden", comment, why="Between us.")
    appeals.appeal(act.message, "Look again.")
    assert hers.get(f"/moderation/appeals/{act.pk}/").status_code == 403
    assert "Between us." not in hers.get(f"/moderation/appeals/{act.pk}/").text
    assert ModerationAct.objects.filter(needs_check=True).exists()
    assert "Nothing waits for a second look." in hers.get("/moderation/checks/").text


def test_who_has_an_item_open_is_told_to_the_others_only(hers, moderator):
    comment = make_comment(state="held")
    hers.post(f"/moderation/comments/{comment.pk}/open/")
    assert "Sam has this open now" not in hers.get("/moderation/held/").text
    other = Client()
    other.force_login(make_moderator())
    assert "Sam has this open now" in other.get("/moderation/held/").text

"""What waits for a moderator, and why it does."""

import pytest
from django.db import DatabaseError, connection, transaction

from community.comments import holding, writing
from community.comments.models import Comment, Hold
from community.comments.moderation import set_state
from community.moderation.models import ModerationAct
from tests.community.comments.factories import make_comment
from tests.factories import make_member

pytestmark = pytest.mark.django_db


def known_comment(**more):
    """By a member whose words show at once, so that nothing but the test holds it."""
    return make_comment(by=make_member(trusted=True), **more)


def act_about(member, what):
    """The database wants one before it lets these change."""
    ModerationAct.objects.create(
        by=make_member(), what=what, member=member, rule=1, why="Because.", told="Read this."
    )


def waiting(comment):
    return Hold.objects.waiting().filter(comment=comment)


def test_a_comment_set_to_held_waits_once_with_its_reason_and_leaves_when_it_is_visible():
    comment = known_comment(state="held")
    assert [hold.reasons for hold in waiting(comment)] == [["moderator"]]
    assert not set_state(comment, "held")
    assert waiting(comment).count() == 1
    set_state(comment, "visible")
    assert not waiting(comment).exists() and comment.holds.count() == 1


def test_a_second_hold_adds_its_reasons_to_the_first():
    comment = known_comment(state="held")
    holding.hold(comment, ["link", "moderator"], "a link")
    holding.hold(comment, ["link"], "a link")
    hold = waiting(comment).get()
    assert hold.reasons == ["moderator", "link"] and hold.detail == "a link"
    assert holding.settle(comment) and not holding.settle(comment)
    set_state(comment, "visible")


def test_the_database_refuses_a_held_comment_without_a_hold():
    comment = known_comment()
    with pytest.raises(DatabaseError, match="says why"), transaction.atomic():
        Comment.objects.filter(pk=comment.pk).update(state="held")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_refuses_to_settle_a_hold_while_the_comment_waits():
    comment = known_comment(state="held")
    with pytest.raises(DatabaseError, match="says why"), transaction.atomic():
        holding.settle(comment)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_held_comment_that_its_writer_deletes_leaves_the_line_and_waits_again_when_it_is_back():
    comment = known_comment()
    set_state(comment, "held", because=["link"])
    writing.delete(comment)
    assert not waiting(comment).exists()
    writing.undo_delete(comment)
    assert waiting(comment).get().reasons == ["link"]


def test_holding_a_member_and_trust_tell_whether_anything_changed():
    member = make_member()
    act_about(member, "held-all")
    assert holding.hold_member(member) and not holding.hold_member(member)
    assert holding.is_on_hold(member)
    act_about(member, "released")
    assert holding.release_member(member) and not holding.release_member(member)
    act_about(member, "trusted")
    assert holding.trust(member) and not holding.trust(member)
    act_about(member, "held-all")
    assert holding.hold_member(member)
    assert holding.untrust(member) and not holding.untrust(member)

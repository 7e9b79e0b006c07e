"""What moderators change has an act that tells whom it concerns: the database refuses the rest."""

from importlib import import_module

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from community.comments import holding, writing
from community.comments.models import Comment, CommentVersion, MemberHold
from community.members.models import MemorialAct
from community.moderation import appeals, mailing, pinned, sending_again
from community.moderation.deciding import version_of
from community.moderation.models import Mark, Message, ModerationAct, What
from tests.community.comments.factories import make_comment
from tests.community.moderation.factories import decide, make_moderator
from tests.factories import make_member

pytestmark = pytest.mark.django_db

memorials = import_module("community.moderation.migrations.0009_memorials_in_the_record")


def checked_now():
    """Let the database look at what it would look at when the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def trusted():
    return make_member(trusted=True)


def held():
    member = make_member()
    decide("held-all", member=member)
    checked_now()
    return member


UNTOLD = {
    "words": lambda: Comment.objects.filter(pk=make_comment().pk).update(source="Others."),
    "words of a comment with an earlier text": lambda: Comment.objects.filter(
        pk=edited_twice().pk
    ).update(source="Others."),
    "words that a moderator empties": lambda: Comment.objects.filter(pk=make_comment().pk).update(
        source=""
    ),
    "words that were refused": lambda: Comment.objects.filter(
        pk=make_comment(state="removed").pk
    ).update(source="Others."),
    "a hold on all she writes": lambda: holding.hold_member(make_member()),
    "the end of such a hold": lambda: holding.release_member(held()),
    "trust": lambda: holding.trust(make_member()),
    "trust while all is held": lambda: holding.trust(held()),
    "trust taken away": lambda: holding.untrust(trusted()),
    "a note under a comment": lambda: pinned.change(make_comment(), note="Ask first."),
    "a detail said to be taken out": lambda: pinned.change(make_comment(), detail_rule=5),
    "a closed conversation": lambda: pinned.lock(make_comment(), timezone.now()),
}


def edited_twice():
    comment = make_comment("First.")
    writing.edit(comment, source="Second.")
    writing.edit(comment, source="Third.")
    return comment


@pytest.mark.parametrize("change", UNTOLD.values(), ids=UNTOLD)
def test_the_database_refuses_a_change_that_nobody_is_told_of(change):
    with pytest.raises(IntegrityError, match="only with an act"), transaction.atomic():
        change()
        checked_now()


def test_an_old_act_does_not_excuse_a_new_change():
    member = make_member()
    decide("trusted", member=member)
    decide("held-all", member=member)
    checked_now()
    for change in (holding.trust, holding.release_member):
        with pytest.raises(IntegrityError, match="only with an act"), transaction.atomic():
            change(member)
            checked_now()
    decide("released", member=member)
    checked_now()
    with pytest.raises(IntegrityError, match="only with an act"), transaction.atomic():
        holding.hold_member(member)
        checked_now()


def test_a_writer_changes_her_own_words_back_and_forth_and_takes_them_away():
    comment = edited_twice()
    assert writing.undo_edit(comment) and writing.undo_edit(comment)
    comment.refresh_from_db()
    assert comment.source == "First." and not CommentVersion.objects.exists()
    writing.delete(comment)
    Comment.objects.filter(pk=comment.pk).update(source="", html="")
    checked_now()


def test_a_moderator_edits_an_appeal_gives_back_and_refused_words_come_again():
    comment = make_comment("Call 555 0100, love.", by=trusted())
    act = decide("edited", comment, text=" Call me, love.\r\n")
    checked_now()
    assert Comment.objects.get(pk=comment.pk).source == act.after == "Call me, love."
    appeals.appeal(act.message, "It is mine.")
    appeals.answer(act.appeal, What.RESTORED, make_moderator(), why="x", own_words="x")
    checked_now()
    comment.refresh_from_db()
    assert comment.source == "Call 555 0100, love."
    act = decide("hidden", comment)
    assert sending_again.send_again(Message.objects.get(pk=act.pk), "Call me.")
    checked_now()
    assert Comment.objects.get(pk=comment.pk).source == "Call me."


def test_a_member_leaves_with_her_hold_and_her_trust():
    member = held()
    ModerationAct.objects.filter(member=member).update(
        member=None, why="", before="", after="", told="", beside={}
    )
    member.delete()
    checked_now()
    assert not MemberHold.objects.exists()


def told_to(member):
    mine = Message.objects.filter(member=member).select_related("act").order_by("act")
    return [message.act for message in mine]


def test_who_began_a_conversation_is_told_when_a_reply_closes_it_and_when_it_opens_again():
    root = make_comment("A question.", by=trusted())
    reply = make_comment("Buy my tea.", to=root, by=trusted())
    decide("locked", reply)
    checked_now()
    [closed] = told_to(root.author)
    assert closed.what == What.CLOSED and closed.comment_id == root.pk
    assert "because of a reply" in closed.told and "Buy my tea" not in closed.told
    assert not closed.may_be_appealed
    assert mailing.mail_message(closed.pk) and mail.outbox[-1].to == [root.author.email]
    assert "closed this conversation" in Comment.objects.get(pk=root.pk).html
    reply.refresh_from_db()
    decide("unlocked", reply)
    checked_now()
    assert [act.what for act in told_to(root.author)] == [What.CLOSED, What.UNLOCKED]
    assert Mark.objects.get(pk=root.pk).locked_at is None


def test_an_appeal_that_opens_a_conversation_again_is_told_to_who_began_it():
    root = make_comment("A question.", by=trusted())
    act = decide("locked", make_comment("Buy my tea.", to=root, by=trusted()))
    appeals.appeal(act.message, "It was a joke.")
    appeals.answer(act.appeal, What.RESTORED, make_moderator(), why="x", own_words="x")
    assert [one.what for one in told_to(root.author)] == [What.CLOSED, What.UNLOCKED]
    assert Mark.objects.get(pk=root.pk).locked_at is None


def test_nobody_is_told_twice_that_a_conversation_was_closed():
    root = make_comment("A question.", by=trusted())
    moderator = make_moderator()
    decide("locked", root)
    root.refresh_from_db()
    decide("unlocked", root)
    assert [act.what for act in told_to(root.author)] == [What.LOCKED, What.UNLOCKED]
    mine = make_comment("A moderator asks.", by=moderator)
    decide("locked", make_comment("Tea.", to=mine, by=trusted()), by=moderator)
    checked_now()
    assert not told_to(moderator)
    hers = make_comment("A question.", by=trusted())
    decide("locked", make_comment("My tea.", to=hers, by=hers.author))
    checked_now()
    assert [act.what for act in told_to(hers.author)] == [What.LOCKED]


def test_the_first_comment_can_be_decided_by_who_had_it_open_when_a_reply_closed_it():
    root = make_comment("A question.", by=trusted())
    seen = version_of(root, root.author)
    decide("locked", make_comment("Buy my tea.", to=root, by=trusted()))
    assert decide("noted", root, seen=seen, note={"note": "Ask first."}).pk


def test_memorials_from_before_stand_in_the_record_once_with_their_moment():
    member, lead = make_member(), make_moderator(lead=True)
    made = [
        MemorialAct.objects.create(member=member, by=by, verb=verb, note="Her sister wrote.")
        for by, verb in [(lead, "remembered"), (None, "undone")]
    ]
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(memorials.WRITE)
    acts = ModerationAct.objects.filter(member=member).order_by("pk")
    assert [(act.what, act.by, act.at, act.why) for act in acts] == [
        ("remembered", lead, made[0].at, "Her sister wrote."),
        ("unremember", None, made[1].at, "Her sister wrote."),
    ]
    with pytest.raises(IntegrityError, match="somebody"), transaction.atomic():
        ModerationAct.objects.create(what="kept", member=member)

"""What the desk hands to a member who asks, and how it lets go of one who leaves.

Handed over: what she was told and what she answered. Not: notes of moderators, who reported, or
what a moderator wrote for others; those name or concern other people. All of it goes with her.
"""

from collections.abc import Iterable

from .models import Appeal, Message, ModerationAct, Request

PART = "moderation"


def messages_of(member) -> Iterable[dict]:
    found = Message.objects.filter(member=member).select_related("act").order_by("pk")
    for message in found.iterator():
        yield {
            "Written on": message.act.at,
            "What we told you": message.act.told,
            "Comment": message.act.comment_id and f"/comments/{message.act.comment_id}/",
            "Your words then": message.act.before,
            "Until": message.act.until,
            "Mailed on": message.mailed_at,
            "You said you read it on": message.acknowledged_at or message.read_at,
            "You sent the text again on": message.sent_again_at,
        }


def appeals_of(member) -> Iterable[dict]:
    for appeal in Appeal.objects.filter(member=member).order_by("pk").iterator():
        yield {
            "Written on": appeal.made_at,
            "Your words": appeal.words,
            "Answered on": appeal.settled_at,
        }


def decided_by(member) -> Iterable[dict]:
    """For moderators: what they did, without the words of anyone else."""
    for act in ModerationAct.objects.filter(by=member).order_by("pk").iterator():
        yield {"On": act.at, "What": act.get_what_display()}


EXPORTS = {
    "What moderators told you": messages_of,
    "Your answers to moderators": appeals_of,
    "What you did as a moderator": decided_by,
}


def erase(member, parting) -> None:
    """The acts stay, about nobody: that something was decided, when and by which rule. Notes,
    messages and appeals go with the account's row."""
    # What moderators asked each other about her; the acts still say which comments were hers.
    Request.objects.filter(comment__moderation_acts__member=member).update(words="")
    ModerationAct.objects.filter(member=member).update(
        member=None, why="", before="", after="", told="", beside={}
    )
    ModerationAct.objects.filter(by=member).update(by=None)

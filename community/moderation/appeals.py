"""One answer to a decision, read by a different moderator."""

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from community.comments import holding, moderation, words
from community.comments.locks import hold_on_to
from community.comments.models import Comment
from community.members.models import Member

from . import locking, pinned, stopping, telling
from .deciding import AlreadyDecided, NotOwn
from .models import Appeal, Message, ModerationAct, What
from .tasks import mail_message

MOST_CHARACTERS = 3_000


def can_appeal(message: Message) -> bool:
    """Once, and not against what was itself the answer to an appeal."""
    return message.act.may_be_appealed and not Appeal.objects.filter(pk=message.pk).exists()


@transaction.atomic
def appeal(message: Message, said: str) -> bool:
    """Keep the member's one answer; tell whether it is new. The caller has checked the words."""
    hold_on_to([message.member_id])
    Message.objects.select_for_update(of=["self"]).get(pk=message.pk)
    if not can_appeal(message):
        return False
    Appeal.objects.create(act=message.act, member=message.member, words=said)
    return True


def facts_of(asked: Appeal, what: What) -> str:
    """What the member reads about the answer, beside the moderator's own words."""
    act = asked.act
    return telling.facts_of(
        what,
        comment=act.comment,
        rule=act.rule if what == What.UPHELD else None,
        source=ModerationAct.Source.APPEAL,
        quoted=act.before,
    )


@transaction.atomic
def answer(asked: Appeal, what: What, by: Member, *, own_words="", why="") -> ModerationAct:
    """Undo the decision, or let it stand. Raises AlreadyDecided, and NotOwn for the moderator
    who decided and for whom it is about; the database refuses these as well.
    """
    hold_on_to([by.pk, asked.member_id])
    asked = Appeal.objects.select_for_update(of=["self"]).select_related("act").get(pk=asked.pk)
    decided = asked.act
    if asked.settled_at:
        raise AlreadyDecided(decided.answered.filter(what__in=[What.RESTORED, What.UPHELD]).first())
    if by.pk in (decided.by_id, decided.member_id):
        raise NotOwn
    act = ModerationAct.objects.create(
        by=by,
        what=what,
        comment=decided.comment,
        member=decided.member,
        answers=decided,
        rule=decided.rule,
        why=why,
        before=decided.comment.source if decided.comment else "",
        told=telling.whole(own_words, facts_of(asked, what)),
        source=ModerationAct.Source.APPEAL,
        line=ModerationAct.Line.APPEALS,
        waiting_since=asked.made_at,
    )
    asked.settled_at = timezone.now()
    asked.save(update_fields=["settled_at"])
    if what == What.RESTORED:
        _undo(decided, by, act)
    mail_message.enqueue(act.pk)
    return act


def _undo(decided: ModerationAct, by: Member, act: ModerationAct) -> None:
    comment = decided.comment and (
        Comment.objects.select_for_update(of=["self"]).get(pk=decided.comment_id)
    )
    undo = {
        What.HIDDEN: _show_again,
        What.LOCKED: _show_again,
        What.EDITED: _put_back,
        What.NOTED: _take_note_away,
        What.WARNED: _excuse,
        What.HELD_ALL: _go_by_the_common_rules,
        What.PAUSED: lambda decided, *_: stopping.lift(decided.member, stop=decided),
        What.BANNED: lambda decided, *_: stopping.lift(decided.member, stop=decided),
    }
    undo[What(decided.what)](decided, comment, by)
    if decided.what == What.LOCKED:
        locking.open_again(comment, because=act)


def _show_again(decided, comment, by) -> None:
    """As it was. Where she has sent a new text meanwhile, that one waits on for itself, or stays
    down by the later decision about it.
    """
    later = ModerationAct.objects.filter(
        comment=comment, pk__gt=decided.pk, what__in=[What.HIDDEN, What.LOCKED]
    )
    if comment.state == Comment.State.REMOVED and not later.exists():
        moderation.set_state(comment, Comment.State.VISIBLE, by=by)


def _put_back(decided, comment, by) -> None:
    if comment.source == words.tidy(decided.after):
        comment.source = decided.before
        comment.content_note = decided.beside.get("content_note", comment.content_note)
        comment.save(update_fields=["source", "content_note"])
    pinned.change(comment, detail_rule=None)


def _take_note_away(decided, comment, by) -> None:
    pinned.change(comment, note="", ask_about="", source_title="", source_url="")


def _go_by_the_common_rules(decided, comment, by) -> None:
    """As before: trusted, if she was. A later decision of the same kind stands."""
    about_her = ModerationAct.objects.filter(member=decided.member, pk__gt=decided.pk)
    if about_her.filter(what=What.HELD_ALL).exists():
        return
    holding.release_member(decided.member)
    if trusted_at := decided.beside.get("trusted_at"):
        holding.trust(decided.member, since=parse_datetime(trusted_at))


def _excuse(decided, comment, by) -> None:
    """She need not say that she has read a warning that no longer stands."""
    waiting = Message.objects.filter(pk=decided.pk, acknowledged_at=None)
    waiting.update(acknowledged_at=timezone.now())

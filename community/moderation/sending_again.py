"""A text that was taken down goes back to its writer; changed, it waits in the same place."""

from django.db import transaction
from django.utils import timezone

from community.comments import moderation, words
from community.comments.locks import hold_on_to
from community.comments.models import Comment, CommentVersion

from .models import Message
from .telling import GIVES_TEXT_BACK

REASON = "The writer changed it and sent it again after a decision."


def can_send_again(message: Message) -> bool:
    act = message.act
    return (
        act.what in GIVES_TEXT_BACK
        and act.comment is not None
        and act.comment.author_id == message.member_id
        and act.comment.state == Comment.State.REMOVED
        and _is_newest(act)
    )


def _is_newest(act) -> bool:
    """A later decision about the same comment gives the text back itself."""
    later = act.comment.moderation_acts.filter(pk__gt=act.pk, what__in=GIVES_TEXT_BACK)
    return not later.exists()


@transaction.atomic
def send_again(message: Message, text: str) -> bool:
    """Put the changed text in its place and into the line; tell whether that happened.

    The caller has checked the words. What was there before stands in the record, so no earlier
    text stays behind that could be brought back unread.
    """
    hold_on_to([message.member_id])
    comment = Comment.objects.select_for_update(of=["self"]).get(pk=message.act.comment_id)
    message.act.comment = comment
    if not can_send_again(message):
        return False
    CommentVersion.objects.filter(comment=comment).delete()
    # First: the database lets nobody else's words in there.
    Message.objects.filter(pk=message.pk).update(sent_again_at=timezone.now())
    comment.source, comment.edited_at = text, timezone.now()
    words.render(comment)
    comment.save(update_fields=["source", "edited_at", "html", "stamp", "renderer"])
    moderation.set_state(comment, Comment.State.HELD, reason=REASON)
    return True

"""Closing a conversation to new replies, and opening it again. Who began it is told of both.

The line that says so stands under the first comment, whichever comment was decided about.
"""

from django.utils import timezone

from community.comments.models import Comment

from . import pinned, telling
from .models import ModerationAct, What
from .tasks import mail_message


def close(comment: Comment, because: ModerationAct) -> None:
    """``because`` is the act that took ``comment`` down."""
    pinned.lock(comment, timezone.now())
    _tell_who_began(comment, What.CLOSED, because)


def open_again(comment: Comment, because: ModerationAct) -> None:
    pinned.lock(comment, None)
    _tell_who_began(comment, What.UNLOCKED, because)


def _tell_who_began(comment: Comment, what: What, because: ModerationAct) -> None:
    """Unless ``because`` tells her already, or she is the moderator who did it."""
    root = Comment.objects.select_related("article").get(pk=comment.thread_id)
    knows = {because.by_id, because.member_id if because.told else None}
    if root.author_id is None or root.author_id in knows:
        return
    act = ModerationAct.objects.create(
        by=because.by, what=what, comment=root, told=telling.facts_of(what, comment=root)
    )
    mail_message.enqueue(act.pk)

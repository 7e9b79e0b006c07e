"""What readers may not see, and why. The one place that decides it."""

from django.db import transaction
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from . import holding, reports
from .models import Comment, Conversation, Hold
from .screening import Verdict, look_at
from .tasks import tell_about

HELD_NOTE = "Only you can see this until a moderator has read it."
MODERATOR = (Hold.Reason.MODERATOR,)


def first_state(*, author, source: str, content_note="", comment=None, signs=()) -> Verdict:
    """The state a new or edited comment starts in, with the reasons where it waits."""
    return look_at(
        author=author, source=source, content_note=content_note, comment=comment, signs=signs
    )


def carry_out(verdict: Verdict, comment: Comment, *, is_new=False) -> None:
    """Write down why a saved comment waits, or what to look at; in its transaction."""
    if verdict.reasons:
        begin = holding.begin if is_new else holding.hold
        begin(comment, verdict.reasons, verdict.detail)
    if verdict.flags:
        reports.flag(comment, "; ".join(verdict.flags))


@transaction.atomic
def set_state(
    comment: Comment, state: str, *, by=None, reason="", broken_rule=None, because=MODERATOR
) -> bool:
    """Move a comment to a state, with who, when and why; tell whether anything changed.

    Its hold goes with it: what is held waits in the line, for the reasons in ``because``;
    anything else waits no longer.
    """
    if comment.state == state and comment.broken_rule == broken_rule:
        return False
    comment.state, comment.state_at, comment.state_by = state, timezone.now(), by
    comment.state_reason, comment.broken_rule = reason, broken_rule
    comment.save(update_fields=["state", "state_at", "state_by", "state_reason", "broken_rule"])
    if state == Comment.State.HELD:
        holding.hold(comment, because, reason)
    else:
        holding.settle(comment)
    find_the_latest(comment.article_id)
    if state == Comment.State.VISIBLE:
        tell_about.enqueue(comment.pk)  # nobody was told while it waited
    return True


def find_the_latest(article_id: int) -> None:
    """After a comment came or went out of turn: which is the newest that everyone may read."""
    visible = Comment.objects.visible_to(None).filter(article=article_id)
    latest = visible.order_by("-pk").values_list("pk", "created_at").first() or (None, None)
    # Where everything waited so far, there is no row yet.
    Conversation.objects.update_or_create(
        article_id=article_id, defaults={"latest_id": latest[0], "latest_at": latest[1]}
    )


def place_of(state: str, broken_rule: int | None) -> SafeString:
    """What stands where a comment was. Replies to it stay."""
    if state == Comment.State.DELETED:
        return SafeString("The writer deleted this comment.")
    if state == Comment.State.REMOVED:
        return format_html(
            "A moderator removed this comment because it broke"
            ' <a href="/rules/#rule-{0}">rule {0}</a>.',
            broken_rule,
        )
    return SafeString("A moderator is looking at this comment.")

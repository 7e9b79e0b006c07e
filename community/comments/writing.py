"""Posting, editing, deleting, and the way back from each. Verbs; each is safe to repeat."""

import uuid
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from community.policies.models import Acceptance

from . import editing_time, holding, words
from .locks import hold_on_to_people_of
from .models import Comment, CommentVersion, Draft
from .models.comment import MOST_LEVELS
from .moderation import carry_out, find_the_latest, first_state
from .tasks import tell_about


class AccountClosed(Exception):
    """Its member closed it, and it went while she was writing. Nothing was posted."""


# The same words to the same place within this time are one comment: two tabs, a slow line.
SAME_WORDS_ARE_ONE_FOR = timedelta(minutes=10)


@transaction.atomic
def post(
    *, author, article, source: str, rules, parent=None, content_note="", form_id=None, signs=()
) -> tuple[Comment, bool]:
    """Post a comment and tell whether it is new: the same form twice is one comment.

    The caller has checked the words (forms.Words.check), and that ``parent`` is visible and
    ``article`` open. ``signs`` are reasons to wait that the form gave. Raises AccountClosed.
    """
    _one_at_a_time(author)
    source = words.tidy(source)
    if earlier := _sent_before(author, article, parent, source, form_id):
        return earlier, False
    verdict = first_state(author=author, source=source, content_note=content_note, signs=signs)
    comment = Comment(
        article=article,
        author=author,
        parent=parent,
        parent_path=path_below(parent),
        source=source,
        content_note=content_note,
        state=verdict.state,
        rules=rules,
        form_id=form_id or uuid.uuid4(),
    )
    comment.pk = _next_id()  # known before the row is written: its HTML holds its address
    words.render(comment)
    comment.save(force_insert=True)
    carry_out(verdict, comment, is_new=True)
    Acceptance.objects.bulk_create(
        [Acceptance(version=rules, member=author)], ignore_conflicts=True
    )
    # Other words saved for the same place in another tab stay.
    here = Draft.objects.filter(member=author, article=article, parent=parent)
    here.filter(Q(pk=form_id) | Q(source=source)).delete()
    if comment.state == Comment.State.VISIBLE:
        tell_about.enqueue(comment.pk)
    note_the_latest(comment)
    return comment, True


def path_below(parent: Comment | None) -> list[int]:
    if parent is None:
        return []
    return parent.path if len(parent.path) <= MOST_LEVELS else parent.parent_path


def _one_at_a_time(author) -> None:
    """Two presses by one person wait for each other; other people's do not. Her account is not
    closed meanwhile (locks.py says why that comes first)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s), id FROM members_member WHERE id = %s"
            " FOR KEY SHARE",
            [LOCKS, author.pk % 2**31, author.pk],
        )
        if cursor.fetchone() is None:
            raise AccountClosed


LOCKS = 0x7A1C  # keeps our advisory locks apart from any others


def _next_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('comments_comment', 'id'))")
        return cursor.fetchone()[0]


def _sent_before(author, article, parent, source, form_id) -> Comment | None:
    lately = timezone.now() - SAME_WORDS_ARE_ONE_FOR
    same_words = Q(article=article, parent=parent, source=source, created_at__gte=lately) & ~Q(
        state=Comment.State.DELETED
    )
    mine = Comment.objects.filter(author=author)
    if form_id and (found := mine.filter(form_id=form_id).first()):
        return found
    # The newest few are enough: nobody posts more in ten minutes.
    newest = mine.order_by("-pk").values("pk")[:20]
    return mine.filter(same_words, pk__in=newest).first()


def note_the_latest(comment: Comment) -> None:
    """Move the article up in the list of conversations. Last in its transaction.

    Where somebody else is doing the same this very moment, theirs will do: nobody waits.
    """
    if comment.state != Comment.State.VISIBLE:
        return
    values = {"id": comment.pk, "at": comment.created_at, "article": comment.article_id}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE comments_conversation SET latest_id = %(id)s, latest_at = %(at)s"
            " WHERE article_id IN (SELECT article_id FROM comments_conversation"
            "  WHERE article_id = %(article)s FOR UPDATE SKIP LOCKED)",
            values,
        )
        if not cursor.rowcount:  # not there yet, or held by somebody: a plain INSERT would wait
            cursor.execute(
                "INSERT INTO comments_conversation"
                " (article_id, closed_because, latest_id, latest_at)"
                " SELECT %(article)s, '', %(id)s, %(at)s WHERE NOT EXISTS"
                " (SELECT 1 FROM comments_conversation WHERE article_id = %(article)s)"
                " ON CONFLICT DO NOTHING",
                values,
            )


@transaction.atomic
def edit(comment: Comment, *, source: str, content_note="") -> bool:
    """Put new words in place of the old, which staff can still read; tell whether they differ."""
    comment = _locked(comment)
    if comment.author_id is None:
        return False  # the account was closed in this moment, and let go of the words
    source = words.tidy(source)
    if (source, content_note) == (comment.source, comment.content_note):
        return False
    _keep_version(comment)
    comment.source, comment.content_note = source, content_note
    comment.edited_at = timezone.now()
    _look_again(comment)
    return True


@transaction.atomic
def undo_edit(comment: Comment) -> bool:
    """Bring back the words before the last edit; tell whether there were any."""
    comment = _locked(comment)
    before = comment.versions.first()
    if before is None:
        return False
    comment.source, comment.content_note = before.source, before.content_note
    comment.edited_at = before.was_edited_at
    _look_again(comment)
    before.delete()  # last: it shows the database whose words these are
    return True


@transaction.atomic
def delete(comment: Comment) -> bool:
    """The writer takes the words back; the place stays for the replies."""
    comment = _locked(comment)
    if comment.state not in {Comment.State.VISIBLE, Comment.State.HELD}:
        return False
    # What it was, so that undoing does not show what a moderator has not read.
    comment.state_reason = f"was {comment.state}"
    comment.state, comment.state_at = Comment.State.DELETED, timezone.now()
    comment.state_by = comment.author
    comment.save(update_fields=["state", "state_at", "state_by", "state_reason"])
    holding.settle(comment)
    find_the_latest(comment.article_id)
    return True


@transaction.atomic
def undo_delete(comment: Comment) -> bool:
    comment = _locked(comment)
    if comment.state != Comment.State.DELETED or not comment.source:
        return False
    # Reports settled while the words were away were settled without them.
    unread = comment.reports.filter(settled_at__gte=comment.state_at).exists()
    was_held = comment.state_reason == f"was {Comment.State.HELD}" or unread
    comment.state = Comment.State.HELD if was_held else Comment.State.VISIBLE
    comment.state_at, comment.state_by, comment.state_reason = None, None, ""
    comment.save(update_fields=["state", "state_at", "state_by", "state_reason"])
    if was_held:
        holding.reopen(comment)
    find_the_latest(comment.article_id)
    return True


def can_edit(comment: Comment, member) -> bool:
    return (
        comment.author_id == member.pk
        and comment.is_visible_to(member)
        and editing_time.is_open(comment.created_at)
    )


def can_bring_back(comment: Comment, member) -> bool:
    return (
        comment.author_id == member.pk
        and comment.state == Comment.State.DELETED
        and bool(comment.source)
        and editing_time.can_come_back(comment.state_at)
    )


def _locked(comment: Comment) -> Comment:
    hold_on_to_people_of(comment.pk)
    return Comment.objects.select_for_update(of=["self"]).get(pk=comment.pk)


def _look_again(comment: Comment) -> None:
    """Save changed words; what showed may have to wait now, what waits goes on waiting."""
    verdict = first_state(
        author=comment.author,
        source=comment.source,
        content_note=comment.content_note,
        comment=comment,
    )
    was_visible = comment.state == Comment.State.VISIBLE
    if was_visible:
        comment.state = verdict.state
    _save_words(comment)
    if comment.state in {Comment.State.VISIBLE, Comment.State.HELD}:
        carry_out(verdict, comment)
    if was_visible and comment.state != Comment.State.VISIBLE:
        find_the_latest(comment.article_id)


def _keep_version(comment: Comment) -> None:
    CommentVersion.objects.create(
        comment=comment,
        source=comment.source,
        content_note=comment.content_note,
        was_edited_at=comment.edited_at,
    )


def _save_words(comment: Comment) -> None:
    words.render(comment)
    comment.save(
        update_fields=[
            "source", "content_note", "html", "stamp", "renderer", "edited_at", "state",
        ]
    )  # fmt: skip

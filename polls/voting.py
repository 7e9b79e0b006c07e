"""Cast, change and take back a vote; keep it through sign-in; forget whose it was.

Every verb is safe to repeat and tells whether anything changed. Totals follow by a trigger
in the same transaction (migration 0002).
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from . import tasks
from .models import Choice, Poll
from .voters import COOKIE_SECONDS, voter_key

PREFER_NOT_TO_SAY = "skip"

CLOSED = "This poll is closed. Votes are no longer taken."
NOT_YET = "This poll is not open yet. Votes are taken from the day it opens."
REWORDED = "The words of this poll were changed a moment ago. Read it again, then vote."
NOT_BOTH = "Choose answers, or “Prefer not to say”, not both."


class NotCounted(Exception):
    """The vote was not counted; the message is a sentence for the voter."""


def read_choices(poll: Poll, choices: Iterable[Choice], sent: list[str]) -> list[int]:
    """The positions chosen in a form, ascending; none for "Prefer not to say".

    ``sent`` holds primary keys of choices as text. Raises NotCounted.
    """
    if sent and set(sent) == {PREFER_NOT_TO_SAY}:
        return []
    if PREFER_NOT_TO_SAY in sent:
        raise NotCounted(NOT_BOTH)
    known = {str(choice.pk): choice.position for choice in choices}
    if any(one not in known for one in sent):
        raise NotCounted("Choose from the answers of this poll.")
    positions = sorted({known[one] for one in sent})
    if not positions:
        raise NotCounted("Choose an answer." if not poll.is_several else _how_many(poll))
    if not poll.min_choices <= len(positions) <= poll.max_choices:
        raise NotCounted(_how_many(poll))
    return positions


def _how_many(poll: Poll) -> str:
    if not poll.is_several:
        return "Choose one answer."
    if poll.min_choices == poll.max_choices:
        return f"Choose {poll.min_choices} answers."
    if poll.min_choices == 1:
        return f"Choose 1 to {poll.max_choices} answers."
    return f"Choose {poll.min_choices} to {poll.max_choices} answers."


def cast(poll: Poll, voter: str, positions: list[int], wording: int | None = None) -> bool:
    """Count a vote, or change the one that is there. Raises NotCounted when the poll is closed,
    or when it has other words than ``wording`` (the number of those the voter read).

    One statement, so that the counters are locked for no longer than it takes; the clock of
    the database decides whether the poll is open. The poll's row is held from the start: who
    rewords it waits, or is waited for, and then the wording is looked at again.
    """
    is_open, changed = _ask(
        """
        WITH open_poll AS (
            SELECT id FROM polls_poll WHERE id = %s AND opens_at <= clock_timestamp()
            AND (closes_at IS NULL OR closes_at > clock_timestamp())
            AND wording = coalesce(%s, wording) FOR KEY SHARE
        ), cast_ballot AS (
            INSERT INTO polls_ballot AS b (poll_id, voter_key, choices)
            SELECT id, %s, %s::smallint[] FROM open_poll
            ON CONFLICT (poll_id, voter_key) DO UPDATE SET choices = EXCLUDED.choices
            WHERE b.choices <> EXCLUDED.choices
            RETURNING 1
        )
        SELECT EXISTS (SELECT FROM open_poll), EXISTS (SELECT FROM cast_ballot)
        """,
        [poll.pk, wording, voter_key(poll.pk, voter), positions],
    )
    if not is_open:
        raise NotCounted(why_not_counted(poll))
    return changed


def take_back(poll: Poll, voter: str) -> bool:
    """Remove a vote. Raises NotCounted when the poll is closed: its totals stay as they are."""
    is_open, changed = _ask(
        """
        WITH open_poll AS (
            SELECT id FROM polls_poll WHERE id = %s AND opens_at <= clock_timestamp()
            AND (closes_at IS NULL OR closes_at > clock_timestamp())
        ), gone AS (
            DELETE FROM polls_ballot b USING open_poll
            WHERE b.poll_id = open_poll.id AND b.voter_key = %s
            RETURNING 1
        )
        SELECT EXISTS (SELECT FROM open_poll), EXISTS (SELECT FROM gone)
        """,
        [poll.pk, voter_key(poll.pk, voter)],
    )
    if not is_open:
        raise NotCounted(why_not_counted(poll))
    return changed


def why_not_counted(poll: Poll) -> str:
    """The poll is looked at again: it was open when the voter's page was made."""
    now = Poll.objects.filter(pk=poll.pk).only("opens_at", "closes_at").first()
    if now is None or now.is_closed:
        return CLOSED
    return REWORDED if now.is_visible else NOT_YET


def adopt_votes(guest: str, member: str) -> int:
    """Give a member the votes cast before signing in; return how many.

    Where both voted, the member's own vote stays, and the guest's goes as long as the poll
    is open. Totals of a closed poll never change.

    One transaction for each poll (unless the caller has one around all), so that a person's
    ballots do not share a number; and all are mixed soon.
    """
    # A cookie is not older than this, and no vote of it stands in a poll that closed before.
    still = timezone.now() - timedelta(seconds=COOKIE_SECONDS)
    recent = Poll.objects.visible().filter(Q(closes_at=None) | Q(closes_at__gt=still))
    adopted = 0
    for poll in (found := _voted_in(recent, guest)):
        keys = {"guest_key": voter_key(poll, guest), "member_key": voter_key(poll, member)}
        with transaction.atomic():
            _tell({name: key.hex() for name, key in keys.items()})
            adopted += _ask("SELECT polls_adopt(%s)", [poll])[0]
    if found:
        _mix_soon()
    return adopted


def forget_voter(voter: str, *, remove_votes: bool = False) -> int:
    """Cut the last tie between a voter and their votes, for good; return how many votes.

    The totals keep them, unless the person wants them removed. Afterwards not even this
    site can find those ballots again.
    """
    found = _voted_in(Poll.objects.visible(), voter)
    for poll in found:
        with transaction.atomic():
            _tell({"voter_key": voter_key(poll, voter).hex()})
            _ask("SELECT polls_forget(%s, %s)", [poll, remove_votes])
    if found:
        _mix_soon()
    return len(found)


@transaction.atomic
def _mix_soon() -> None:
    tasks.lay_ballots_anew.enqueue()


@transaction.atomic
def _voted_in(polls, voter: str) -> list[int]:
    """Which of these polls hold a ballot of this voter, ascending: all verbs go in this order,
    so that two of them do not wait for each other."""
    ids = polls.order_by().values_list("pk", flat=True)
    _tell({"voter_keys": " ".join(f"{pk}:{voter_key(pk, voter).hex()}" for pk in ids)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT polls_voted_in()")
        return [pk for (pk,) in cursor.fetchall()]


def _tell(keys: dict[str, str]) -> None:
    """Give keys to this transaction beside its statements, which a log may get to see: this
    statement finds and changes nothing, so it does not fail."""
    for name, value in keys.items():
        _ask("SELECT set_config(%s, %s, true)", [f"harbor.{name}", value])


def own_choices(polls: Iterable[Poll], voter: str | None) -> dict[int, list[int]]:
    """What a voter chose: ``{poll id: [positions]}``, in one query, only for their own eyes."""
    if voter is None:
        return {}
    ids = [poll.pk for poll in polls]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.poll_id, b.choices FROM polls_ballot b"
            " JOIN unnest(%s::bigint[], %s::bytea[]) AS p (poll_id, key)"
            " ON b.poll_id = p.poll_id AND b.voter_key = p.key",
            [ids, [voter_key(pk, voter) for pk in ids]],
        )
        return dict(cursor.fetchall())


def _ask(sql: str, values: list) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()

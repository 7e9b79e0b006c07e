"""Cast, change and take back a vote; keep it through sign-in; forget whose it was.

Every verb is safe to repeat and tells whether anything changed. Totals follow by a trigger
in the same transaction (migration 0002).
"""

import secrets
from collections.abc import Iterable

from django.db import IntegrityError, connection, transaction

from .models import Choice, Poll
from .voters import voter_key

PREFER_NOT_TO_SAY = "skip"

CLOSED = "This poll is closed. Votes are no longer taken."
NOT_YET = "This poll is not open yet. Votes are taken from the day it opens."


class NotCounted(Exception):
    """The vote was not counted; the message is a sentence for the voter."""


def read_choices(poll: Poll, choices: Iterable[Choice], sent: list[str]) -> list[int]:
    """The positions chosen in a form, ascending; none for "Prefer not to say".

    ``sent`` holds primary keys of choices as text. Raises NotCounted.
    """
    if sent and set(sent) == {PREFER_NOT_TO_SAY}:
        return []
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
        return f"Choose one to {poll.max_choices} answers."
    return f"Choose {poll.min_choices} to {poll.max_choices} answers."


def cast(poll: Poll, voter: str, positions: list[int]) -> bool:
    """Count a vote, or change the one that is there. Raises NotCounted when the poll is closed.

    One statement, so that the counters are locked for no longer than it takes; the clock of
    the database decides whether the poll is open.
    """
    is_open, changed = _ask(
        """
        WITH open_poll AS (
            SELECT id FROM polls_poll WHERE id = %s AND opens_at <= statement_timestamp()
            AND (closes_at IS NULL OR closes_at > statement_timestamp())
        ), cast_ballot AS (
            INSERT INTO polls_ballot AS b (poll_id, voter_key, choices)
            SELECT id, %s, %s::smallint[] FROM open_poll
            ON CONFLICT (poll_id, voter_key) DO UPDATE SET choices = EXCLUDED.choices
            WHERE b.choices <> EXCLUDED.choices
            RETURNING 1
        )
        SELECT EXISTS (SELECT FROM open_poll), EXISTS (SELECT FROM cast_ballot)
        """,
        [poll.pk, voter_key(poll.pk, voter), positions],
    )
    if not is_open:
        raise NotCounted(CLOSED if poll.is_visible else NOT_YET)
    return changed


def take_back(poll: Poll, voter: str) -> bool:
    """Remove a vote. Raises NotCounted when the poll is closed: its totals stay as they are."""
    is_open, changed = _ask(
        """
        WITH open_poll AS (
            SELECT id FROM polls_poll WHERE id = %s AND opens_at <= statement_timestamp()
            AND (closes_at IS NULL OR closes_at > statement_timestamp())
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
        raise NotCounted(CLOSED if poll.is_visible else NOT_YET)
    return changed


def adopt_votes(guest: str, member: str) -> int:
    """Give a member the votes cast before signing in; return how many.

    Where both voted, the member's own vote stays, and the guest's goes as long as the poll
    is open. Totals of a closed poll never change.
    """
    try:
        return _adopt(guest, member)
    except IntegrityError:
        # The member voted in another window at this very moment. The second try sees that vote.
        return _adopt(guest, member)


@transaction.atomic
def _adopt(guest: str, member: str) -> int:
    polls = list(Poll.objects.order_by("pk").values_list("pk", flat=True))
    keys = [polls, [voter_key(p, guest) for p in polls], [voter_key(p, member) for p in polls]]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH pairs AS (SELECT * FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[])
                           AS p (poll_id, guest, member))
            UPDATE polls_ballot b SET voter_key = pairs.member FROM pairs
            WHERE b.poll_id = pairs.poll_id AND b.voter_key = pairs.guest
            AND NOT EXISTS (SELECT FROM polls_ballot own
                            WHERE own.poll_id = b.poll_id AND own.voter_key = pairs.member)
            """,
            keys,
        )
        adopted = cursor.rowcount
        cursor.execute(
            """
            DELETE FROM polls_ballot b
            USING unnest(%s::bigint[], %s::bytea[]) AS p (poll_id, guest), polls_poll
            WHERE b.poll_id = p.poll_id AND b.voter_key = p.guest AND polls_poll.id = p.poll_id
            AND (polls_poll.closes_at IS NULL OR polls_poll.closes_at > statement_timestamp())
            """,
            keys[:2],
        )
    return adopted


@transaction.atomic
def forget_voter(voter: str, *, remove_votes: bool = False) -> int:
    """Cut the last tie between a voter and their votes, for good; return how many votes.

    The totals keep them, unless the person wants them removed. Afterwards not even this
    site can find those ballots again.
    """
    polls = list(Poll.objects.order_by("pk").values_list("pk", flat=True))
    keys = [voter_key(p, voter) for p in polls]
    with connection.cursor() as cursor:
        if remove_votes:
            cursor.execute(
                "DELETE FROM polls_ballot b USING unnest(%s::bigint[], %s::bytea[])"
                " AS p (poll_id, key) WHERE b.poll_id = p.poll_id AND b.voter_key = p.key",
                [polls, keys],
            )
        else:
            cursor.execute(
                "UPDATE polls_ballot b SET voter_key = p.nobody"
                " FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS p (poll_id, key, nobody)"
                " WHERE b.poll_id = p.poll_id AND b.voter_key = p.key",
                [polls, keys, [secrets.token_bytes(32) for _ in polls]],
            )
        return cursor.rowcount


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

"""Prove the totals, and keep the order of rows from telling who voted after whom."""

from django.db import connection, transaction

from .models import Poll

# Enough company for every ballot of the last hour, and a second or two of work (100,000 took
# ten seconds on a busy machine).
MIXED_AT_ONCE = 20_000

_DIFFERENT = """
WITH counted AS (
    SELECT poll_id, count(*) AS voters FROM polls_ballot GROUP BY poll_id
), counted_votes AS (
    SELECT poll_id, n, count(*) AS votes
    FROM polls_ballot CROSS JOIN LATERAL unnest(choices) AS n GROUP BY poll_id, n
), kept AS (
    SELECT poll_id, sum(voters) AS voters FROM polls_tally GROUP BY poll_id
), kept_votes AS (
    SELECT poll_id, n, sum(votes[n]) AS votes
    FROM polls_tally CROSS JOIN generate_series(1, 8) AS n GROUP BY poll_id, n
)
SELECT poll_id FROM counted FULL JOIN kept USING (poll_id)
WHERE coalesce(counted.voters, 0) <> coalesce(kept.voters, 0)
UNION
SELECT poll_id FROM counted_votes FULL JOIN kept_votes USING (poll_id, n)
WHERE coalesce(counted_votes.votes, 0) <> coalesce(kept_votes.votes, 0)
"""

_REBUILD = """
WITH parts AS (
    SELECT get_byte(voter_key, 0) %% 8 AS part, choices FROM polls_ballot WHERE poll_id = %s
), voters AS (
    SELECT part, count(*) AS voters FROM parts GROUP BY part
), votes AS (
    SELECT part, n, count(*) AS votes FROM parts CROSS JOIN LATERAL unnest(choices) AS n
    GROUP BY part, n
)
INSERT INTO polls_tally (poll_id, part, voters, votes)
SELECT %s, part, voters, ARRAY(
    SELECT coalesce((SELECT votes FROM votes WHERE votes.part = voters.part AND votes.n = s.n), 0)
    FROM generate_series(1, 8) AS s (n) ORDER BY s.n
) FROM voters
"""


def polls_with_wrong_totals() -> list[Poll]:
    """The polls whose totals are not the sum of their ballots: none, or something is broken.

    One statement sees one moment, so that votes coming in meanwhile cannot mislead it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT)
        wrong = [pk for (pk,) in cursor.fetchall()]
    return list(Poll.objects.filter(pk__in=wrong).order_by("pk"))


@transaction.atomic
def rebuild_totals(poll: Poll) -> None:
    """Make the totals anew from the ballots. Votes wait meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE polls_ballot IN SHARE ROW EXCLUSIVE MODE")
        poll.tallies.all().delete()
        cursor.execute(_REBUILD, [poll.pk, poll.pk])


@transaction.atomic
def mix_ballots(poll: Poll) -> int:
    """Lay the newest ballots of a poll anew, in the order of their keys; return how many.

    Rows lie on the disk in the order in which they came, and a dump lists them so; their
    transaction numbers say the same. Together with the hourly counts and the moments kept
    elsewhere (a comment, a sign-in) that order could suggest whose ballot one is. Afterwards
    all of them have one transaction number and the order of random keys.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL harbor.mixing_ballots = 'on'")
        cursor.execute(
            """
            WITH newest AS (
                SELECT poll_id, voter_key FROM polls_ballot WHERE poll_id = %s
                ORDER BY age(xmin) LIMIT %s
            ), taken AS (
                DELETE FROM polls_ballot b USING newest
                WHERE b.poll_id = newest.poll_id AND b.voter_key = newest.voter_key
                RETURNING b.poll_id, b.voter_key, b.choices
            )
            INSERT INTO polls_ballot (poll_id, voter_key, choices)
            SELECT poll_id, voter_key, choices FROM taken ORDER BY voter_key
            """,
            [poll.pk, MIXED_AT_ONCE],
        )
        mixed = cursor.rowcount
        cursor.execute("SET LOCAL harbor.mixing_ballots = 'off'")
    return mixed


def polls_to_mix():
    """Polls with ballots of more than one transaction: votes came since the last time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM polls_poll p WHERE EXISTS ("
            " SELECT FROM polls_ballot b WHERE b.poll_id = p.id"
            " AND b.xmin <> (SELECT f.xmin FROM polls_ballot f WHERE f.poll_id = p.id LIMIT 1))"
        )
        return Poll.objects.filter(pk__in=[pk for (pk,) in cursor.fetchall()])

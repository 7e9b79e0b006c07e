"""Prove the totals, and keep the order of rows from telling who voted after whom."""

from django.db import connection, transaction

from .models import Poll

# Votes wait while a batch is laid: 20,000 ballots took two seconds on a busy machine.
MIXED_AT_ONCE = 2_000
# Among so many older ballots, chosen by chance, the new ones of a quiet hour are not to be told.
COMPANY = 1_000

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
WITH counted AS (
    SELECT n, count(*) AS votes FROM polls_ballot CROSS JOIN LATERAL unnest(choices) AS n
    WHERE poll_id = %s GROUP BY n
)
INSERT INTO polls_tally (poll_id, part, voters, votes)
SELECT poll_id, 0, count(*), ARRAY(
    SELECT coalesce((SELECT votes FROM counted WHERE counted.n = s.n), 0)
    FROM generate_series(1, 8) AS s (n) ORDER BY s.n
) FROM polls_ballot WHERE poll_id = %s GROUP BY poll_id
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


def mix_ballots(poll: Poll) -> int:
    """Lay the new ballots of a poll anew among older ones, in the order of their keys; return
    how many were new.

    Rows lie on the disk in the order in which they came, and a dump lists them so; their
    transaction numbers say the same, and tie together what one person's sign-in touched in
    several polls. Together with the hourly counts and the moments kept elsewhere (a comment,
    a sign-in) that could suggest whose ballot one is. Afterwards all of a batch have one
    transaction number, no other poll's ballot has it, and the order is that of random keys.
    """
    mixed = 0
    while laid := _lay_anew(poll):
        mixed += laid
        if laid < MIXED_AT_ONCE:
            break
    return mixed


@transaction.atomic
def _lay_anew(poll: Poll) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT polls_mix(%s, %s, %s)", [poll.pk, MIXED_AT_ONCE, COMPANY])
        return cursor.fetchone()[0]


def polls_to_mix():
    """Polls with ballots that no mixing wrote: cast, changed or handed over since the last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT b.poll_id FROM polls_ballot b WHERE NOT EXISTS ("
            " SELECT FROM polls_mixing m"
            " WHERE m.poll_id = b.poll_id AND m.transaction = b.xmin::text::bigint)"
        )
        return Poll.objects.filter(pk__in=[pk for (pk,) in cursor.fetchall()]).order_by("pk")

"""The statements over deliveries: claim, begin, record, take back. Each is one commit.

What reaches the disk when
    Waiting for the disk at every mail would cost more than the mail. So a claim waits for it,
    and with it everything before; the notes on the mails of one batch do not, and the worker
    keeps them in memory until the next claim, to write them again.

Who vouches for the notes
    A row in an UNLOGGED table, written with the claim. Postgres empties such tables in exactly
    the events that may lose notes: recovery after any crash (of the whole server or of one
    backend that was killed) and the promotion of a standby. A worker that died leaves what it
    had claimed: where its mark still stands, the notes are complete and whatever was not begun
    goes on; where the mark is gone, nobody knows how far the batch came, and all of it, at
    most BATCH, is in doubt.

Time is the database's clock alone, so workers on machines whose clocks differ agree.
"""

# ruff: noqa: S608 - every piece of SQL below is a constant of this module
import uuid

from django.db import connection

from .models import Subscriber
from .models.subscriber import MOST_POLL_MAILS_A_WEEK, Choice

BATCH = 50
# A worker that shows no sign of life for so long has died: its claims go back.
LEASE_SECONDS = 40
MONTH_DAYS = 27
WORKER_ENDED = "The worker ended while this mail was in flight."

# Whom a letter may go to at this moment. ``s`` is the subscriber.
MAY_RECEIVE = """
    s.confirmed_at IS NOT NULL AND s.stopped_at IS NULL AND s.died_at IS NULL AND s.returned = ''
    AND NOT EXISTS (SELECT 1 FROM members_member m
        WHERE lower(m.email) = lower(s.email)
        AND (m.remembered_at IS NOT NULL OR m.mail_paused_at IS NOT NULL))
"""
# A pause is for letters. The notice before the privacy policy changes is about her rights, and
# could not be "before" any more when she comes back; her settings page says so.
NOT_PAUSED = "(s.paused_at IS NULL OR s.paused_until <= now())"
# One that may have arrived counts as one that did; a notice is no letter.
NOT_TOO_OFTEN = f"""
    (s.how_often = 'every' OR NOT EXISTS (
        SELECT 1 FROM newsletter_delivery other
        JOIN newsletter_issue oi ON oi.id = other.issue_id AND oi.about_id IS NULL
        WHERE other.subscriber_id = s.id
        AND other.issue_id <> %s AND other.state IN ('sent', 'doubtful')
        AND other.done_at > now() - interval '{MONTH_DAYS} days'))
"""

# "At most twice a week" is what she was told when she ticked the box (models.Choice).
NOT_TOO_MANY_POLLS = f"""
    (SELECT count(*) FROM newsletter_delivery other
        JOIN newsletter_issue oi ON oi.id = other.issue_id AND oi.about_id IS NULL
        WHERE other.subscriber_id = s.id AND oi.kind = 'polls'
        AND other.issue_id <> %s AND other.state IN ('sent', 'doubtful')
        AND other.done_at > now() - interval '7 days') < {MOST_POLL_MAILS_A_WEEK}
"""

RECORD = """
UPDATE newsletter_delivery SET
    state = %(state)s, answer = %(answer)s, tries = tries + %(tried)s,
    try_after = clock_timestamp() + %(wait)s * interval '1 second',
    worker = CASE WHEN %(state)s = 'waiting' THEN NULL ELSE worker END,
    done_at = CASE WHEN %(state)s = 'waiting' THEN NULL ELSE clock_timestamp() END
WHERE id = %(last)s AND worker = %(worker)s AND state IN ('claimed', 'begun', 'doubtful')
"""


def may_receive(issue) -> str:
    return MAY_RECEIVE if issue.about_id else f"{MAY_RECEIVE} AND {NOT_PAUSED}"


def not_too_often(issue) -> str:
    if issue.about_id:
        return "TRUE"
    limits = [NOT_TOO_OFTEN] + [NOT_TOO_MANY_POLLS] * (issue.kind == Choice.POLLS)
    return " AND ".join(limit % int(issue.pk) for limit in limits)


RECORD_AND_BEGIN = f"""
WITH recorded AS ({RECORD})
UPDATE newsletter_delivery d SET state = 'begun', claimed_at = clock_timestamp()
FROM newsletter_issue i, newsletter_subscriber s
WHERE d.id = %(next)s AND d.worker = %(worker)s AND d.state IN ('claimed', 'begun')
AND i.id = d.issue_id AND i.state = 'sending'
AND s.id = d.subscriber_id AND {{wanted}} AND {{may_receive}}
AND {{not_too_often}}
RETURNING s.email, s.key, s.is_discreet, s.text_only
"""


def record_and_begin_sql(issue) -> str:
    return RECORD_AND_BEGIN.format(
        wanted=issue.wanted_sql,
        may_receive=may_receive(issue),
        not_too_often=not_too_often(issue),
    )


CLAIM = """
WITH mark AS (
    INSERT INTO newsletter_workermark (worker, at) VALUES (%(worker)s, clock_timestamp())
    ON CONFLICT (worker) DO UPDATE SET at = EXCLUDED.at
), mine AS (
    SELECT d.id FROM newsletter_delivery d
    WHERE d.issue_id = %(issue)s AND d.state = 'waiting' AND d.try_after <= clock_timestamp()
    ORDER BY d.try_after, d.id LIMIT %(batch)s FOR UPDATE OF d SKIP LOCKED
)
UPDATE newsletter_delivery d SET state = 'claimed', worker = %(worker)s,
    claimed_at = clock_timestamp()
FROM mine, newsletter_issue i
WHERE d.id = mine.id AND i.id = d.issue_id AND i.state = 'sending'
RETURNING d.id, d.subscriber_id, d.tries
"""

# A moment ahead of the clock is as dead as one long past: the clock was set back since.
TAKE_BACK = """
WITH dead AS (
    SELECT o.worker, EXISTS (
        SELECT 1 FROM newsletter_workermark m WHERE m.worker = o.worker) AS vouched
    FROM newsletter_delivery o
    WHERE o.issue_id = %(issue)s AND o.state IN ('claimed', 'begun')
    GROUP BY o.worker
    HAVING abs(extract(epoch FROM max(o.claimed_at) - clock_timestamp())) > %(lease)s
), theirs AS (
    SELECT d.id, d.state = 'begun' OR NOT dead.vouched AS in_doubt
    FROM newsletter_delivery d JOIN dead ON dead.worker = d.worker
    WHERE d.issue_id = %(issue)s AND d.state IN ('claimed', 'begun')
    FOR UPDATE OF d SKIP LOCKED
)
UPDATE newsletter_delivery d SET
    state = CASE WHEN in_doubt THEN 'doubtful' ELSE 'waiting' END,
    answer = CASE WHEN in_doubt THEN %(ended)s ELSE answer END,
    done_at = CASE WHEN in_doubt THEN clock_timestamp() END
FROM theirs WHERE d.id = theirs.id
"""

# What the worker knows it did not begin. Another may have taken it for dead meanwhile and put
# its rows in doubt; only the worker knows better.
LET_GO = """
UPDATE newsletter_delivery SET state = 'waiting', worker = NULL, done_at = NULL,
    answer = CASE WHEN state = 'doubtful' THEN '' ELSE answer END,
    try_after = CASE WHEN %(wait)s > 0 THEN clock_timestamp() + %(wait)s * interval '1 second'
        ELSE try_after END
WHERE issue_id = %(issue)s AND worker = %(worker)s
AND (state = 'claimed' OR (id = ANY(%(unbegun)s) AND state IN ('begun', 'doubtful')))
"""

SKIP = """
UPDATE newsletter_delivery SET state = 'skipped', done_at = clock_timestamp()
WHERE id = %(delivery)s AND worker = %(worker)s AND state IN ('claimed', 'begun')
"""


def claim(issue: int, worker: uuid.UUID) -> list[tuple[int, int, int]]:
    """(delivery, subscriber, tries) of the next batch; on the disk when this returns."""
    wait_for_disk(True)
    claimed = query(CLAIM, issue=issue, batch=BATCH, worker=worker)
    wait_for_disk(False)
    return claimed


def take_back(issue: int) -> int:
    return change(TAKE_BACK, issue=issue, lease=LEASE_SECONDS, ended=WORKER_ENDED)


def let_go(issue: int, worker: uuid.UUID, unbegun: list[int], wait: int) -> int:
    return change(LET_GO, issue=issue, worker=worker, unbegun=unbegun, wait=wait)


def forget_marks(worker: uuid.UUID) -> None:
    """This worker's, which has nothing in hand, and those of the long dead."""
    change(
        "DELETE FROM newsletter_workermark WHERE worker = %(worker)s"
        " OR at < clock_timestamp() - interval '7 days'",
        worker=worker,
    )


def wait_for_disk(yes: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET synchronous_commit = {'on' if yes else 'off'}")


def query(sql: str, **values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, _plain(values))
        return cursor.fetchall()


def change(sql: str, **values) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, _plain(values))
        return cursor.rowcount


def _plain(values: dict) -> dict:
    return {k: str(v) if isinstance(v, uuid.UUID) else v for k, v in values.items()}


def topics_left_out(subscribers: list[int]) -> dict[int, frozenset[str]]:
    links = Subscriber.topics_left_out.through.objects.filter(subscriber__in=subscribers)
    found: dict[int, set[str]] = {}
    for subscriber, slug in links.values_list("subscriber_id", "topic__slug"):
        found.setdefault(subscriber, set()).add(slug)
    return {subscriber: frozenset(slugs) for subscriber, slugs in found.items()}

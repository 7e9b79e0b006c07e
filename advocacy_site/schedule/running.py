"""Claim what is due, once for all machines, and keep how it went.

A claim is one committed statement and no transaction stays open while a job runs. It holds
until the run is recorded or its worker shows no sign of life any more (``workers/pulse.py``).
"""

import logging
import time
from datetime import timedelta

from django.db import connection

from advocacy_site.operators import tell_operators

from . import Job, all_jobs

logger = logging.getLogger("harbor.schedule")

# A new site or a new job: not in the middle of the first start, and not only next week.
FIRST_RUN_WITHIN = timedelta(minutes=10)
# After a failure it is tried again sooner than its turn, and every time later.
TRY_AGAIN_AFTER = timedelta(minutes=2)

ADD = """
INSERT INTO advocacy_site_scheduledjob AS j
    (name, every, next_at, claimed_by, seconds, outcome, words, failures)
VALUES (%(name)s, %(every)s, now() + least(%(every)s, %(first)s), '', 0, '', '', 0)
ON CONFLICT (name) DO UPDATE
SET every = excluded.every, next_at = least(j.next_at, now() + excluded.every)
WHERE j.every <> excluded.every
"""

# A next run further away than the interval can only come from a clock that was moved back.
CLAIM = """
WITH due AS (
    SELECT name FROM advocacy_site_scheduledjob
    WHERE name = ANY(%(names)s) AND claimed_by = ''
    AND (next_at <= now() OR next_at > now() + every)
    ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE advocacy_site_scheduledjob j
SET claimed_by = %(worker)s, started_at = now(), next_at = now() + every
FROM due WHERE j.name = due.name RETURNING j.name
"""

RECORD = """
UPDATE advocacy_site_scheduledjob SET
    claimed_by = '', finished_at = now(), seconds = %(seconds)s, words = %(words)s,
    outcome = CASE WHEN %(done)s THEN 'done' ELSE 'failed' END,
    done_at = CASE WHEN %(done)s THEN now() ELSE done_at END,
    failures = CASE WHEN %(done)s THEN 0 ELSE failures + 1 END,
    next_at = CASE WHEN %(done)s THEN next_at
        ELSE now() + least(every, %(again)s * power(2, least(failures, 10))) END
WHERE name = %(name)s AND claimed_by = %(worker)s RETURNING failures
"""

RELEASE = """
UPDATE advocacy_site_scheduledjob SET claimed_by = '', next_at = now()
WHERE claimed_by = ANY(%(workers)s)
"""


def ask(sql: str, **values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def write_down_jobs() -> None:
    """Give every job of the code its row. Safe to repeat."""
    for job in all_jobs().values():
        ask(ADD, name=job.name, every=job.every, first=FIRST_RUN_WITHIN)


def claim(worker: str, names: list[str]) -> Job | None:
    """Take the job that has waited longest, if one of these is due."""
    rows = ask(CLAIM, worker=worker, names=names)
    return all_jobs()[rows[0][0]] if rows else None


def run(job: Job, worker: str) -> None:
    """Run a claimed job and record how it went; exits with 1 when that was badly."""
    began = time.monotonic()
    try:
        words, done = job.run(), True
    except Exception as error:
        logger.exception("The job %s failed", job.name)
        words, done = f"{type(error).__name__} (the log says more)", False
    record(job, worker, done, words, time.monotonic() - began)
    if not done:
        raise SystemExit(1)


def record(job: Job, worker: str, done: bool, words: str, seconds: float) -> bool:
    """Free the claim, once; tell whether it was still held."""
    rows = ask(
        RECORD,
        name=job.name,
        worker=worker,
        done=done,
        words=words[:500],
        seconds=seconds,
        again=TRY_AGAIN_AFTER,
    )
    if not rows:
        return False
    facts = {"job": job.name, "done": done, "seconds": round(seconds, 3)}
    logger.info("job", extra={"fields": facts})
    if not done:
        tell_of_failure(job, words, rows[0][0])
    return True


def tell_of_failure(job: Job, words: str, failures: int) -> None:
    """The third time in a row: one failure may be a database that was started anew."""
    if failures == 3:
        tell_operators(
            f"The job {job.name} fails",
            f"{job.purpose}\n\nIt failed 3 times in a row, the last time with: {words}\n"
            "It is tried again; manage.py jobs shows how it goes.",
        )


def release(workers: list[str]) -> None:
    """Jobs of workers that are gone are due again at once."""
    ask(RELEASE, workers=workers)

"""A year of moderation in numbers, made from the record, without a name.

Nobody can tell one person's case from it: counts are rounded to fives, so that no two of them
leave a small one when one is taken from the other, and a month is counted when it is over, so
that nobody who looks every day sees a number move.
"""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from . import telling

# A few could be somebody's: people here know each other.
FEWEST = 5

WITHIN = """
FROM moderation_moderationact
WHERE at >= make_timestamptz(%(year)s, 1, 1, 0, 0, 0, %(zone)s)
    AND at < make_timestamptz(%(until_year)s, %(until_month)s, 1, 0, 0, 0, %(zone)s)
"""
YEAR = f"""
SELECT
    count(DISTINCT comment_id) FILTER (WHERE line = 'held' AND what = ANY(%(closing)s)),
    count(DISTINCT comment_id) FILTER (WHERE what = 'accepted'),
    count(DISTINCT comment_id) FILTER (WHERE what IN ('hidden', 'locked')),
    count(DISTINCT comment_id) FILTER (WHERE what = 'edited'),
    count(DISTINCT coalesce(member_id, -id)) FILTER (WHERE what IN ('paused', 'banned')),
    count(*) FILTER (WHERE what IN ('restored', 'upheld')),
    count(*) FILTER (WHERE what = 'restored'),
    count(DISTINCT coalesce(comment_id, -id)) FILTER (WHERE line = 'worried'),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM at - waiting_since))
        FILTER (WHERE waiting_since IS NOT NULL AND what = ANY(%(closing)s))
{WITHIN}"""  # noqa: S608 - put together from constants
BY_RULE = f"""
SELECT rule, count(DISTINCT comment_id) {WITHIN}
    AND what IN ('hidden', 'locked') GROUP BY rule ORDER BY rule
"""
# What ends a wait; a warning beside it does not count once more.
CLOSING = ["kept", "accepted", "edited", "hidden", "locked", "noted", "restored", "upheld"]


@dataclass
class Year:
    """Counts as texts: "about 35", "fewer than 5". ``median`` in words, or empty. ``until`` is
    the first day that is not counted.
    """

    year: int
    rows: list[tuple[str, str]]
    by_rule: list[tuple[str, str]]
    median: str
    until: date


def counted_until(year: int, today: date | None = None) -> date:
    """The first day that the numbers of a year leave out: of the next year, or of this month."""
    today = today or timezone.localdate()
    return min(date(year + 1, 1, 1), today.replace(day=1))


def of_year(year: int, zone: str, today: date | None = None) -> Year:
    until = counted_until(year, today)
    values = {
        "year": year, "until_year": until.year, "until_month": until.month, "zone": zone,
        "closing": CLOSING,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(YEAR, values)
        *counts, seconds = cursor.fetchone()
        cursor.execute(BY_RULE, values)
        by_rule = cursor.fetchall()
    labels = [
        "Comments that waited and were decided", "Of these and others, shown to everyone",
        "Taken down", "A detail taken out", "Accounts paused or closed for writing",
        "Appeals answered", "Of these, decisions undone",
        "Times somebody was worried about a person, and we looked after it",
    ]  # fmt: skip
    rules = dict(telling.rules())
    return Year(
        year,
        [(label, said(count)) for label, count in zip(labels, counts, strict=True)],
        [
            (f"Rule {rule}: {rules[rule]}" if rule in rules else f"Rule {rule}", said(count))
            for rule, count in by_rule
        ],
        duration(seconds),
        until,
    )


def said(count: int) -> str:
    if 0 < count < FEWEST:
        return f"fewer than {FEWEST}"
    return f"about {round(count / FEWEST) * FEWEST:,}" if count else "none"


def duration(seconds: float | None) -> str:
    """About how long, in words."""
    if seconds is None:
        return ""
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return f"about {minutes} {'minute' if minutes == 1 else 'minutes'}"
    hours = round(minutes / 60)
    if hours < 48:
        return f"about {hours} hours"
    return f"about {round(hours / 24)} days"

"""A year of moderation in numbers, made from the record, without a name."""

from dataclasses import dataclass

from django.db import connection

from . import telling

# A few could be somebody's: people here know each other.
FEWEST = 5

YEAR = """
SELECT
    count(*) FILTER (WHERE line = 'held'),
    count(*) FILTER (WHERE what = 'accepted'),
    count(*) FILTER (WHERE what IN ('hidden', 'locked')),
    count(*) FILTER (WHERE what = 'edited'),
    count(*) FILTER (WHERE what IN ('paused', 'banned')),
    count(*) FILTER (WHERE what IN ('restored', 'upheld')),
    count(*) FILTER (WHERE what = 'restored'),
    count(*) FILTER (WHERE line = 'worried'),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM at - waiting_since))
        FILTER (WHERE waiting_since IS NOT NULL)
FROM moderation_moderationact
WHERE at >= make_timestamptz(%(year)s, 1, 1, 0, 0, 0, %(zone)s)
    AND at < make_timestamptz(%(year)s + 1, 1, 1, 0, 0, 0, %(zone)s)
"""
BY_RULE = """
SELECT rule, count(*) FROM moderation_moderationact
WHERE at >= make_timestamptz(%(year)s, 1, 1, 0, 0, 0, %(zone)s)
    AND at < make_timestamptz(%(year)s + 1, 1, 1, 0, 0, 0, %(zone)s)
    AND what IN ('hidden', 'locked') GROUP BY rule ORDER BY rule
"""


@dataclass
class Year:
    """Counts as texts: "fewer than 5" where it is less. ``median`` in words, or empty."""

    year: int
    rows: list[tuple[str, str]]
    by_rule: list[tuple[str, str]]
    median: str


def of_year(year: int, zone: str) -> Year:
    values = {"year": year, "zone": zone}
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
    )


def said(count: int) -> str:
    if 0 < count < FEWEST:
        return f"fewer than {FEWEST}"
    return f"{count:,}" if count else "none"


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

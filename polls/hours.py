"""Votes over time, by the hour and for all answers together: to see stuffing, not people."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from .models import Poll

SHOWN = 7 * 24
# A mention in a newsletter brings a few times the usual; a script brings far more. Under
# thirty votes an hour a clinic or a support group may well be voting together.
BURST_VOTES, BURST_TIMES = 30, 5


@dataclass(frozen=True)
class Hour:
    """``height`` is the share of the highest hour, in percent; ``x`` the place in the picture."""

    hour: datetime
    votes: int
    is_burst: bool
    height: int
    x: int

    @property
    def y(self) -> int:
        return 100 - self.height


def votes_by_hour(poll: Poll) -> list[Hour]:
    """The last hours in which votes came, oldest first."""
    rows = poll.hour_counts.values("hour").annotate(sum=Sum("votes")).order_by("-hour")[:SHOWN]
    rows = [(row["hour"], row["sum"]) for row in reversed(rows)]
    most = max((votes for _, votes in rows), default=0)
    return [
        Hour(hour, votes, _is_burst(votes, rows), max(2, 100 * votes // most), index * 6)
        for index, (hour, votes) in enumerate(rows)
    ]


def _is_burst(votes: int, rows) -> bool:
    others = sorted(v for _, v in rows)
    usual = others[len(others) // 2] if len(others) > 1 else 0
    return votes >= BURST_VOTES and votes >= BURST_TIMES * max(usual, 1)

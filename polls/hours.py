"""Votes over time, by the hour and for all answers together: to see stuffing, not people."""

from dataclasses import dataclass
from datetime import datetime, timedelta

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
    """Every hour up to the last one in which votes came, a week at most, oldest first."""
    rows = poll.hour_counts.values("hour").annotate(sum=Sum("votes")).order_by("-hour")[:SHOWN]
    counts = {row["hour"]: max(0, row["sum"]) for row in rows}
    if not counts:
        return []
    last = max(counts)
    first = max(min(counts), last - timedelta(hours=SHOWN - 1))
    hours = [first + timedelta(hours=n) for n in range((last - first) // timedelta(hours=1) + 1)]
    votes = [counts.get(hour, 0) for hour in hours]
    most = max(*votes, 1)
    return [
        Hour(hour, count, _is_burst(votes, n), _height(count, most), n * 6)
        for n, (hour, count) in enumerate(zip(hours, votes, strict=True))
    ]


def _height(votes: int, most: int) -> int:
    return max(2, 100 * votes // most) if votes else 0


def _is_burst(votes: list[int], n: int) -> bool:
    """Against the other hours, the quiet ones too; of two in the middle the lower, so that a
    burst of many hours does not become what is usual. A first hour has nothing to be unlike."""
    others = sorted(votes[:n] + votes[n + 1 :])
    if not others:
        return False
    usual = others[(len(others) - 1) // 2]
    return votes[n] >= BURST_VOTES and votes[n] >= BURST_TIMES * max(usual, 1)

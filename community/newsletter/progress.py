"""How a letter is doing, in numbers an editor can act on."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max, Q
from django.db.models.functions import Now

from .models import Issue

RATE_OVER = timedelta(seconds=60)


@dataclass(frozen=True)
class Progress:
    total: int
    sent: int
    failed: int
    skipped: int
    doubtful: int
    left: int
    a_second: float

    @property
    def percent(self) -> int:
        return 100 if not self.total else (self.total - self.left) * 100 // self.total

    @property
    def time_to_end(self) -> timedelta | None:
        if not self.left or not self.a_second:
            return None
        return timedelta(seconds=round(self.left / self.a_second))


def progress_of(issue: Issue) -> Progress:
    """One query over the letter's deliveries, by the clock that dated them."""
    counted = issue.deliveries.aggregate(
        total=Count("pk"),
        now=Max(Now()),
        lately=Count("pk", filter=Q(state="sent", done_at__gt=Now() - RATE_OVER)),
        left=Count("pk", filter=Q(state__in=["waiting", "claimed", "begun"])),
        **{
            state: Count("pk", filter=Q(state=state))
            for state in ("sent", "failed", "skipped", "doubtful")
        },
    )
    now, lately = counted.pop("now"), counted.pop("lately")
    under_way = now - issue.started_at if now and issue.started_at else RATE_OVER
    seconds = max(min(under_way, RATE_OVER).total_seconds(), 1)
    return Progress(a_second=round(lately / seconds, 1), **counted)

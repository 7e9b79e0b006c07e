"""The archive in pages, by key: page 1,000 costs what page 1 costs."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from articles.pages import read_key

from .models import Poll, Tally
from .placing import with_choices
from .results import results_of

A_PAGE = 20


@dataclass(frozen=True)
class Page:
    """``older`` and ``newer`` are addresses, or empty where there is nothing to go to."""

    polls: list[Poll]
    older: str
    newer: str


def page_of(polls, before: str, path: str) -> Page:
    """The polls opened before ``before`` (``<moment>_<id>``; odd input means the first page)."""
    key = read_key(before)
    if key:
        moment, pk = key
        polls = polls.filter(Q(opens_at__lt=moment) | Q(opens_at=moment, pk__lt=pk))
    found = list(with_voters(polls).newest_first()[: A_PAGE + 1])
    tell_results(found)
    older = ""
    if len(found) > A_PAGE:
        last = found[A_PAGE - 1]
        older = f"{path}?{urlencode({'before': f'{last.opens_at.isoformat()}_{last.pk}'})}"
    return Page(found[:A_PAGE], older, newer=path if key else "")


def tell_results(polls: list[Poll]) -> None:
    """``result`` in words for those that are closed. While a poll is open nobody is told what
    others chose before asking for it."""
    closed = {poll.pk: poll for poll in polls if poll.is_closed}
    for found in with_choices(Q(poll__in=closed.keys())) if closed else ():
        closed[found.pk].result = results_of(found).in_words


def with_voters(polls):
    """With how many people have voted in each."""
    voters = (
        Tally.objects.filter(poll=OuterRef("pk"))
        .order_by()
        .values("poll")
        .annotate(sum=Sum("voters"))
        .values("sum")
    )
    return polls.annotate(voters=Coalesce(Subquery(voters, output_field=IntegerField()), 0))

"""Lists in pages, by key: page 1,000 costs what page 1 costs."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from .due import read_up_to_date
from .models import Article

A_PAGE = 20


@dataclass(frozen=True)
class Page:
    """``older`` and ``newest`` are addresses, or empty where there is nothing to go to."""

    articles: list[Article]
    older: str
    newer: str


def page_of(articles, before: str, path: str) -> Page:
    """The articles published before ``before`` (``<moment>_<id>``, from the address; odd input
    means the first page)."""
    key = read_key(before)
    if key:
        moment, pk = key
        # The first condition says nothing new, but lets the index begin at this very place.
        articles = articles.filter(published_at__lte=moment).filter(
            Q(published_at__lt=moment) | Q(pk__lt=pk)
        )
    found = read_up_to_date(articles.newest_first().for_cards()[: A_PAGE + 1])
    older = ""
    if len(found) > A_PAGE:
        last = found[A_PAGE - 1]
        older = f"{path}?{urlencode({'before': f'{last.published_at.isoformat()}_{last.pk}'})}"
    return Page(found[:A_PAGE], older, newer=path if key else "")


def read_key(before: str) -> tuple[datetime, int] | None:
    moment, _, pk = before.rpartition("_")
    if not pk.isascii() or not pk.isdigit() or len(pk) > 18:
        return None
    try:
        parsed = parse_datetime(moment)
    except ValueError:
        return None
    return (parsed, int(pk)) if parsed and parsed.tzinfo else None

"""Cards an editor puts into a letter with a line of its own, ``[[kind:slug]]``.

Each app lends the kinds it owns, so that letters need not know the apps:

    lend("poll", find_poll)        # in AppConfig.ready(); find_poll(slug) -> Card | None
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """``path`` begins with a slash; ``topics`` are slugs, for those who leave some out."""

    title: str
    path: str
    text: str = ""
    meta: str = ""
    action: str = ""
    topics: frozenset[str] = frozenset()


_lenders: dict[str, Callable[[str], Card | None]] = {}


def lend(kind: str, find: Callable[[str], Card | None]) -> None:
    _lenders[kind] = find


def kinds() -> list[str]:
    return sorted(_lenders)


def find_card(kind: str, slug: str) -> Card | None:
    find = _lenders.get(kind)
    return find(slug) if find else None

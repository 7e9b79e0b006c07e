"""Cards an editor puts into a letter with a line of its own, ``[[kind:slug]]``.

Each app lends the kinds it owns, so that letters need not know the apps:

    lend("poll", find_poll, pick_polls)        # in AppConfig.ready()

``find_poll(slug)`` gives the Card or None; ``pick_polls(words)`` what an editor may choose from,
the newest first, all of it where ``words`` is empty.
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


@dataclass(frozen=True)
class Pick:
    """One thing a card can be made of, as a line of a list. ``note`` tells it from its like."""

    slug: str
    title: str
    note: str = ""


# So many at once; words in the search make it fewer.
MOST_PICKS = 20

_lenders: dict[str, tuple[Callable[[str], Card | None], Callable[[str], list[Pick]]]] = {}


def lend(kind: str, find: Callable[[str], Card | None], pick: Callable[[str], list[Pick]]) -> None:
    _lenders[kind] = find, pick


def kinds() -> list[str]:
    return sorted(_lenders)


def find_card(kind: str, slug: str) -> Card | None:
    return _lenders[kind][0](slug) if kind in _lenders else None


def picks(kind: str, words: str = "") -> list[Pick]:
    """What cards of this kind can be made of; empty for a kind there is not."""
    words = " ".join(words.replace("\0", "").split())[:100]
    return _lenders[kind][1](words)[:MOST_PICKS] if kind in _lenders else []

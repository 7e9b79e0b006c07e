"""What every app says about a member's data: what to hand over, and how to let go of it.

An app registers its part once, in ``AppConfig.ready``::

    from community.members import personal_data

    personal_data.register_export("Comments", comments_of)
    personal_data.register_erasure("comments", erase_comments, listing=comments_to_choose_from)

**Export**: ``function(member)`` returns a list of plain dicts (values: str, int, float, bool,
None, date, datetime, or lists and dicts of these), one for each thing, oldest first. The
keys become the labels people read, so write them as words: "Written on", not "created_at".
An iterator is fine for what may be long.

**Erasure**: ``function(member, parting)`` runs inside one transaction, just before the row of
the member is deleted, and must leave no text with the name, handle or address: earlier
versions, notes, logs and mentions included. ``parting.words`` is one of "remove",
"without-name", "choose"; ``parting.removes(part, key)`` answers for one thing under any of
the three. What stays must not point at the member (author null = "former member").

**Asking at closing** (optional): ``ask_at_closing("polls", Question(...))`` puts one more
question into the form that closes an account; ``parting.answer("polls")`` is what was chosen,
the first choice unless the member said otherwise.

**Choosing one by one** (optional): ``listing(member, after)`` returns up to 50 ``Words`` that
come after the key ``after`` (None: from the start), in a steady order. The page that asks,
and what was marked there, belong to members.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

LISTING_PAGE = 50


@dataclass(frozen=True)
class Words:
    """One thing a member wrote: ``key`` is its own within the part, ``where`` a short label."""

    key: str
    text: str
    where: str
    at: datetime


@dataclass(frozen=True)
class Parting:
    """How a member leaves: with which choice, and which things were marked for removal."""

    words: str
    marked: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    answers: dict[str, str] = field(default_factory=dict)

    def answer(self, part: str) -> str:
        """One of the question's values, also where an old answer is no longer among them."""
        values = [value for value, _ in _questions[part].choices]
        return self.answers[part] if self.answers.get(part) in values else values[0]

    def removes(self, part: str, key) -> bool:
        if self.words == "choose":
            return (part, str(key)) in self.marked
        return self.words == "remove"


@dataclass(frozen=True)
class Erasure:
    part: str
    function: Callable
    listing: Callable | None = None


@dataclass(frozen=True)
class Question:
    """``choices`` are pairs of a value and words; the first is what happens without an answer."""

    label: str
    choices: tuple[tuple[str, str], ...]


_exports: dict[str, Callable] = {}
_questions: dict[str, Question] = {}
_erasures: dict[str, Erasure] = {}


def register_export(name: str, function: Callable[[object], Iterable[dict]]) -> None:
    """``name`` is the heading of this part in the file people get. Registering twice is once."""
    _exports[name] = function


def register_erasure(part: str, function: Callable, *, listing: Callable | None = None) -> None:
    """``part`` names the app's things in ``WordsToRemove``: "comments"."""
    _erasures[part] = Erasure(part, function, listing)


def ask_at_closing(part: str, question: Question) -> None:
    _questions[part] = question


def questions() -> dict[str, Question]:
    return dict(_questions)


def exports() -> dict[str, Callable]:
    return dict(_exports)


def erasures() -> list[Erasure]:
    return list(_erasures.values())


def listings() -> list[Erasure]:
    return [erasure for erasure in _erasures.values() if erasure.listing]

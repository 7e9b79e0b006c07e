"""Two revisions side by side, field by field, as text. Templates escape every piece."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate

from community.policies.models import PolicyVersion

from .models import Article, Contributor, Picture, Topic
from .revisions import complete, in_order

LABELS = {
    "title": "Title",
    "slug": "Address",
    "standfirst": "Standfirst",
    "key_points": "Key points",
    "body": "Text",
    "topics": "Topics",
    "contributors": "Contributors",
    "hero": "Picture",
    "hero_alt": "Alternative text",
    "hero_is_decorative": "The picture is decorative",
    "hero_focus": "Focus of the picture",
    "content_notes": "Content notes",
    "related": "Read next",
    "disclaimer": "Disclaimer",
    "is_demonstration": "Demonstration article",
    "change_note": "What changed",
    "reviewed_on": "Reviewed on",
    "reviewed_by": "Reviewed by",
    "review_due": "Next check",
}
# A word with the space after it: spaces alone would be equal to all others.
TOKEN = re.compile(r"\w+\s*|\s+|[^\w\s]\s*")
# Unchanged lines that stay around a change, so that it can be found again.
AROUND = 1
# What one comparison may cost, in pairs looked at: about half a second. Texts that say the same
# again and again cost the cube of their length; beyond this, old and new are shown whole.
MOST_STEPS = 2_000_000


@dataclass(frozen=True)
class Piece:
    """``kind`` is "same", "added" or "removed"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Line:
    """``skipped`` counts unchanged lines left out here; such a line has no pieces."""

    pieces: list[Piece]
    skipped: int = 0


@dataclass(frozen=True)
class FieldChange:
    label: str
    lines: list[Line]


def compare(older: dict, newer: dict) -> list[FieldChange]:
    """The fields that differ between the contents of two revisions, in the form's order."""
    older, newer = complete(older), complete(newer)
    budget = Budget()
    return [
        FieldChange(label, list(compare_texts(as_text(name, older), as_text(name, newer), budget)))
        for name, label in LABELS.items()
        if says_otherwise(name, older[name], newer[name])
    ]


def says_otherwise(name: str, one, other) -> bool:
    if name == "content_notes":
        return set(one) != set(other)
    return one != other


def as_text(name: str, content: dict) -> str:
    """A field's value as an editor would say it."""
    value = content[name]
    match name:
        case "topics":
            return named(Topic, value)
        case "contributors":
            return named(Contributor, value)
        case "related":
            return named(Article, value)
        case "hero":
            return named(Picture, [value] if value else [])
        case "disclaimer":
            return named(PolicyVersion, [value] if value else [])
        case "content_notes":  # a set: their order says nothing
            return ", ".join(sorted(Article.ContentNote(note).label for note in value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value or "")


def named(model, pks: list[int]) -> str:
    found = in_order(model, pks)
    gone = len(pks) - len(found)
    return ", ".join([str(row) for row in found] + ["(deleted)"] * gone)


class TooDear(Exception):
    """The comparison would take longer than anyone waits."""


class Budget:
    """What is left to spend on one page, whatever number of comparisons it takes."""

    def __init__(self, steps: int = MOST_STEPS):
        self.left = steps

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise TooDear


class BoundedMatcher(SequenceMatcher):
    """Knows what each search for the longest match will cost before it begins."""

    def __init__(self, old: list[str], new: list[str], budget: Budget):
        super().__init__(None, old, new, autojunk=False)
        self.budget = budget
        pairs = (1 + len(self.b2j.get(one, ())) for one in old)
        self.cost_until = [0, *accumulate(pairs)]

    def find_longest_match(self, alo=0, ahi=None, blo=0, bhi=None):
        ahi = len(self.a) if ahi is None else ahi
        self.budget.spend(self.cost_until[ahi] - self.cost_until[alo])
        return super().find_longest_match(alo, ahi, blo, bhi)


def opcodes(old: list[str], new: list[str], budget: Budget) -> list[tuple]:
    """As ``SequenceMatcher`` gives them; where they are too dear, the middle is replaced whole."""
    start = _equal_at_start(old, new)
    end = _equal_at_start(old[start:][::-1], new[start:][::-1])
    old_end, new_end = len(old) - end, len(new) - end
    try:
        matcher = BoundedMatcher(old[start:old_end], new[start:new_end], budget)
        middle = [
            (kind, i1 + start, i2 + start, j1 + start, j2 + start)
            for kind, i1, i2, j1, j2 in matcher.get_opcodes()
        ]
    except TooDear:
        middle = [("replace", start, old_end, start, new_end)]
    found = [("equal", 0, start, 0, start), *middle]
    found.append(("equal", old_end, len(old), new_end, len(new)))
    return list(_joined(op for op in found if op[2] > op[1] or op[4] > op[3]))


def _equal_at_start(one: list[str], other: list[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _joined(ops) -> Iterator[tuple]:
    """Neighbors of one kind as one."""
    last = None
    for op in ops:
        if last and last[0] == op[0]:
            last = (op[0], last[1], op[2], last[3], op[4])
            continue
        if last:
            yield last
        last = op
    if last:
        yield last


def compare_texts(older: str, newer: str, budget: Budget | None = None) -> Iterator[Line]:
    """Line by line, and word by word where a line was changed."""
    budget = budget or Budget()
    old, new = older.split("\n"), newer.split("\n")
    for group in _runs(opcodes(old, new, budget), len(old)):
        kind, i1, i2, j1, j2 = group
        if kind == "skip":
            yield Line([], skipped=i2 - i1)
        elif kind == "equal":
            yield from (Line([Piece("same", text)]) for text in old[i1:i2])
        else:
            yield from compare_lines(old[i1:i2], new[j1:j2], budget)


def compare_lines(old: list[str], new: list[str], budget: Budget) -> Iterator[Line]:
    """Lines that were replaced: pairs word by word, the rest as added or removed."""
    for one, other in zip(old, new, strict=False):
        yield Line(compare_words(one, other, budget))
    for text in old[len(new) :]:
        yield Line([Piece("removed", text)])
    for text in new[len(old) :]:
        yield Line([Piece("added", text)])


def compare_words(old: str, new: str, budget: Budget) -> list[Piece]:
    one, other = TOKEN.findall(old), TOKEN.findall(new)
    ops = opcodes(one, other, budget)
    alike = sum(2 * (i2 - i1) for kind, i1, i2, _, _ in ops if kind == "equal")
    if alike < 0.3 * (
        len(one) + len(other)
    ):  # another sentence altogether: words in common mean nothing
        return [piece for piece in (Piece("removed", old), Piece("added", new)) if piece.text]
    pieces = []
    for kind, i1, i2, j1, j2 in ops:
        if kind == "equal":
            pieces.append(Piece("same", "".join(one[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece("removed", "".join(one[i1:i2])))
        if j2 > j1:
            pieces.append(Piece("added", "".join(other[j1:j2])))
    return pieces


def _runs(opcodes, length: int):
    """The opcodes, with the middle of long unchanged stretches marked as "skip"."""
    for kind, i1, i2, j1, j2 in opcodes:
        before = AROUND if i1 > 0 else 0
        after = AROUND if i2 < length else 0
        if kind != "equal" or i2 - i1 <= before + after + 1:
            yield kind, i1, i2, j1, j2
            continue
        if before:
            yield "equal", i1, i1 + before, j1, j1 + before
        yield "skip", i1 + before, i2 - after, 0, 0
        if after:
            yield "equal", i2 - after, i2, j2 - after, j2

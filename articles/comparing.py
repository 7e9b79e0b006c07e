"""Two revisions side by side, field by field, as text. Templates escape every piece."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from community.policies.models import PolicyVersion

from .models import Article, Contributor, Picture, Topic
from .revisions import in_order

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
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
# Unchanged lines that stay around a change, so that it can be found again.
AROUND = 1
# Comparing words costs the square of their number; longer lines are shown whole.
MOST_TOKENS = 3_000


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
    return [
        FieldChange(label, list(compare_texts(as_text(name, older), as_text(name, newer))))
        for name, label in LABELS.items()
        if older[name] != newer[name]
    ]


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
        case "content_notes":
            return ", ".join(Article.ContentNote(note).label for note in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value or "")


def named(model, pks: list[int]) -> str:
    found = in_order(model, pks)
    gone = len(pks) - len(found)
    return ", ".join([str(row) for row in found] + ["(deleted)"] * gone)


def compare_texts(older: str, newer: str) -> Iterator[Line]:
    """Line by line, and word by word where a line was changed."""
    old, new = older.split("\n"), newer.split("\n")
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for group in _runs(matcher.get_opcodes(), len(old)):
        kind, i1, i2, j1, j2 = group
        if kind == "skip":
            yield Line([], skipped=i2 - i1)
        elif kind == "equal":
            yield from (Line([Piece("same", text)]) for text in old[i1:i2])
        else:
            yield from compare_lines(old[i1:i2], new[j1:j2])


def compare_lines(old: list[str], new: list[str]) -> Iterator[Line]:
    """Lines that were replaced: pairs word by word, the rest as added or removed."""
    for one, other in zip(old, new, strict=False):
        yield Line(compare_words(one, other))
    for text in old[len(new) :]:
        yield Line([Piece("removed", text)])
    for text in new[len(old) :]:
        yield Line([Piece("added", text)])


def compare_words(old: str, new: str) -> list[Piece]:
    one, other = TOKEN.findall(old), TOKEN.findall(new)
    if len(one) > MOST_TOKENS or len(other) > MOST_TOKENS:
        return [Piece("removed", old), Piece("added", new)]
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < 0.3:  # another sentence altogether: words in common mean nothing
        return [piece for piece in (Piece("removed", old), Piece("added", new)) if piece.text]
    pieces = []
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
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

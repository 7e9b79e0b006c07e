"""What a careful colleague would say about a text, line by line.

Errors keep a text from being published. Advice does not: the writer knows better.
Pure functions of a source within the bounds of the gate (bounds.py); nothing is read from or
written to the database.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from advocacy_site.markdown.problems import (
    BLOCK,
    DEFINITION,
    MARK,
    Problem,
    alt_problem,
    find_problems,
    prose_lines,
)

from .models.article import WORDS_A_MINUTE

LONG_SENTENCE = 25
# More of one kind would bury the rest; the first ones show the habit.
MOST_OF_A_KIND = 8

PICTURE = re.compile(r"!\[([^\[\]]*)\]\(\s*picture:")
LINK = re.compile(r"(?<!!)\[([^\[\]^][^\[\]]*)\]\((?!picture:)[^)]*\)")
HEADING = re.compile(r"^ {0,3}(#{1,6})\s+\S")
LIST_MARK = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")
SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)]*(?:\[\^[^\[\]\s]+\])*\s+(?=[\"“‘(]?[A-Z0-9])")
WORD = re.compile(r"\w[\w’'-]*")
VAGUE = {
    "here",
    "click here",
    "click",
    "this",
    "this link",
    "link",
    "more",
    "read more",
    "see here",
}
# Counts and shares want a source; years, short counts and list numbers do not. Bounded, or a
# line of digits alone would take its square.
FIGURE = re.compile(
    r"(?<!\d)\d{1,15}(?:\.\d{1,15})?\s{0,3}(?:%|percent\b)"
    r"|\b\d{1,15} (?:in|out of) \d{1,15}\b|\b\d{1,3}(?:,\d{3})+\b"
    r"|\b\d{1,15}(?:\.\d{1,15})? (?:thousand|million|billion)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Advice:
    """``line`` counts from 1."""

    line: int
    text: str


@dataclass(frozen=True)
class Help:
    """What to show beside the text field. ``errors`` block publishing."""

    words: int
    reading_time: str
    errors: list[Problem]
    advice: list[Advice]


def help_with(source: str) -> Help:
    lines = list(prose_lines(source))
    words = sum(len(WORD.findall(plain(line))) for _, line in lines if not DEFINITION.match(line))
    minutes = max(1, math.ceil(words / WORDS_A_MINUTE))
    return Help(
        words=words,
        reading_time=f"about {minutes} minute{'' if minutes == 1 else 's'}",
        errors=errors_in(source),
        advice=sorted(
            [
                *_few(heading_order(lines)),
                *_few(long_sentences(lines)),
                *_few(vague_links(lines)),
                *_few(figures_without_source(lines)),
            ],
            key=lambda advice: advice.line,
        ),
    )


def errors_in(source: str) -> list[Problem]:
    """Citations, blocks and pictures that readers would stumble over."""
    found = [*find_problems(source), *picture_errors(prose_lines(source))]
    return sorted(found, key=lambda problem: problem.line)


def picture_errors(lines) -> Iterator[Problem]:
    for number, line in lines:
        for alt in PICTURE.findall(line):
            if problem := alt_problem(alt):
                yield Problem(number, problem)


def heading_order(lines) -> Iterator[Advice]:
    level = 1
    for number, line in lines:
        if not (heading := HEADING.match(line)):
            continue
        found = len(heading[1])
        if found == 1:
            yield Advice(number, "Begin headings with ##. The title is the only # of the page.")
        elif found > level + 1:
            yield Advice(number, f"This heading skips a level. Use {'#' * (level + 1)} here.")
        level = max(2, min(found, level + 1))


def long_sentences(lines) -> Iterator[Advice]:
    for number, line in lines:
        if is_apart(line):
            continue
        for sentence in SENTENCE_END.split(plain(line)):
            words = WORD.findall(sentence)
            if len(words) > LONG_SENTENCE:
                yield Advice(
                    number,
                    f"“{' '.join(words[:4])} …” has {len(words)} words. "
                    f"Try {LONG_SENTENCE} or fewer.",
                )


def vague_links(lines) -> Iterator[Advice]:
    for number, line in lines:
        for text in LINK.findall(line):
            if text.strip(" .").lower() in VAGUE:
                yield Advice(number, f"“{text}” does not say where the link leads.")


def figures_without_source(lines) -> Iterator[Advice]:
    for number, line in lines:
        if is_apart(line) or MARK.search(line):
            continue
        if figure := FIGURE.search(plain(line)):
            yield Advice(number, f"“{figure[0]}”: cite where this number comes from.")


def is_apart(line: str) -> bool:
    """Headings, sources, tables and the edges of blocks are no sentences."""
    return bool(
        HEADING.match(line) or DEFINITION.match(line) or BLOCK.match(line) or line.startswith("|")
    )


def plain(line: str) -> str:
    """The words of a line without its marks."""
    line = LIST_MARK.sub("", line)
    line = re.sub(r"!\[[^\[\]]*\]\([^)]*\)", " ", line)
    line = re.sub(r"\[\^[^\[\]\s]+\]:?", "", line)
    line = re.sub(r"\[([^\[\]]*)\]\([^)]*\)", r"\1", line)
    line = re.sub(r"^ {0,3}:{3,}\s*[\w-]*", "", line)
    return re.sub(r"[*_`#>|]", " ", line)


def _few(advice: Iterator[Advice]) -> list[Advice]:
    return [found for found, _ in zip(advice, range(MOST_OF_A_KIND), strict=False)]

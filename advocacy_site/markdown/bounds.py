"""Refuse a text that would cost too much to read, before any of it is parsed.

A length limit alone protects no Markdown parser: a few kilobytes of marks can cost more
than a book. Each limit here is far above what an article needs and was set by measuring
the worst text that still passes (tests/advocacy_site/test_html_bombs.py).
"""

import re

MOST_CHARACTERS = 50_000
MOST_LINES = 1_200  # that hold something
MOST_SOURCES = 150
MOST_CITATIONS = 400
MOST_COLUMNS = 12
MOST_LINE_CHARACTERS = 8_000
# Marks that open something. Ten thousand words of prose hold a few hundred.
MOST_OPENING_MARKS = 4_000
MOST_TABLE_CELLS = 1_500

# A comment is people talking: see community/comments/words.py for its length.
MOST_COMMENT_LINES = 300
MOST_COMMENT_MARKS = 600
MOST_COMMENT_QUOTES_DEEP = 4

_DEFINITION = re.compile(r"^ {0,3}\[\^", re.MULTILINE)
_OPENING_MARK = re.compile(r"[\[\]<>()*_`~&\\\"'@#-]")
# Characters that no one types: controls except tab and newline, and halves of pairs.
_QUOTES_DEEP = re.compile(rf"^[ ]{{0,3}}(?:>[ ]?){{{MOST_COMMENT_QUOTES_DEEP + 1}}}", re.MULTILINE)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class TooMuch(ValueError):
    """The text is out of bounds; the message is a sentence for the writer."""


def check_bounds(source: str) -> None:
    """Raise TooMuch with a sentence that says what to change."""
    if len(source) > MOST_CHARACTERS:
        raise TooMuch(f"Shorten the text to {MOST_CHARACTERS:,} characters or fewer.")
    if _UNPRINTABLE.search(source):
        raise TooMuch("Remove the unprintable characters from the text.")
    if any(len(line) > MOST_LINE_CHARACTERS for line in source.split("\n")):
        raise TooMuch(f"Break up lines longer than {MOST_LINE_CHARACTERS:,} characters.")
    if sum(1 for line in source.split("\n") if line.strip()) > MOST_LINES:
        raise TooMuch(f"Shorten the text to {MOST_LINES:,} lines or fewer.")
    if len(_DEFINITION.findall(source)) > MOST_SOURCES:
        raise TooMuch(f"Use {MOST_SOURCES} sources or fewer.")
    if any(_is_wide_table_rule(line) for line in source.split("\n")):
        raise TooMuch(f"Use {MOST_COLUMNS} columns or fewer in a table.")
    if source.count("[^") > MOST_CITATIONS:
        raise TooMuch(f"Use {MOST_CITATIONS} citations or fewer.")
    if source.count("|") > MOST_TABLE_CELLS:
        raise TooMuch(f"Use {MOST_TABLE_CELLS:,} table cells or fewer.")
    if len(_OPENING_MARK.findall(source)) > MOST_OPENING_MARKS:
        raise TooMuch(
            f"Use fewer than {MOST_OPENING_MARKS:,} Markdown marks (brackets, stars, quotes)."
        )


def _is_wide_table_rule(line: str) -> bool:
    """The line of dashes under a table's head says how many columns there are."""
    is_rule = "-" in line and not line.strip(" >:|-")
    return is_rule and line.count("|") > MOST_COLUMNS + 1


def check_comment_bounds(source: str) -> None:
    """Raise TooMuch with a sentence that says what to change."""
    if _UNPRINTABLE.search(source):
        raise TooMuch("Remove the unprintable characters from your comment.")
    if len(source) > MOST_LINE_CHARACTERS or source.count("\n") > MOST_COMMENT_LINES:
        raise TooMuch(f"Shorten your comment to {MOST_COMMENT_LINES} lines or fewer.")
    if _QUOTES_DEEP.search(source):
        raise TooMuch(f"Use {MOST_COMMENT_QUOTES_DEEP} quotes or fewer inside each other.")
    if len(_OPENING_MARK.findall(source)) > MOST_COMMENT_MARKS:
        raise TooMuch("Use fewer marks: brackets, stars, quote marks.")

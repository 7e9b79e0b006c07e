"""What people may write in a comment, and how it becomes the HTML that is kept.

Bad words and bad links are moderation's business; this is about length and marks only.
"""

import math
import re
import unicodedata
from collections.abc import Callable

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from advocacy_site.html import TooMuch, render_comment

# Longer than almost any comment here or elsewhere; about six minutes of typing. The hint at
# the box prints it.
MOST_CHARACTERS = 3_000
CHARACTERS_A_WORD = 6  # with its space, in English
MOST_WORDS = MOST_CHARACTERS // CHARACTERS_A_WORD
# Count up whenever what render() makes changes; then run manage.py render_comments.
RENDERER = 1

# They would turn around the words around them. People who write from right to left need none:
# each paragraph finds its own direction.
_DIRECTION_OVERRIDES = re.compile("[\u202a-\u202e]")
_NEW_LINES = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")


def tidy(text: str) -> str:
    """The text as it is kept: one kind of new line, no overrides of direction, no loose ends."""
    text = _NEW_LINES.sub("\n", text)
    text = _DIRECTION_OVERRIDES.sub("", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n\t ")


def problem_with(text: str, *, called="comment") -> str:
    """A sentence for the writer of this tidied text, or an empty one."""
    if not says_something(text):
        return f"Write your {called} first."
    if (over := len(text) - MOST_CHARACTERS) > 0:
        words = max(1, math.ceil(over / CHARACTERS_A_WORD))
        return (
            f"Shorten your {called} by about {words} {'word' if words == 1 else 'words'}. "
            f"It may have {MOST_CHARACTERS:,} characters, and has {len(text):,}."
        )
    try:
        html = render_comment(text)
    except TooMuch as too_much:
        return str(too_much)
    return "" if says_something(re.sub(r"<[^>]*>", "", html)) else f"Write your {called} first."


def says_something(text: str) -> bool:
    """Whether there is a letter, a digit or a picture character in it: not only marks."""
    return any(unicodedata.category(character)[:2] in _SPEAKING for character in text)


_SPEAKING = {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "So"}


def length_in_words(text: str) -> str:
    """How long it is, and how much room is left, in words a person understands."""
    words = len(text.split())
    left = (MOST_CHARACTERS - len(text)) // CHARACTERS_A_WORD
    so_far = f"{words:,} {'word' if words == 1 else 'words'} so far."
    if left < 0:
        return f"{so_far} That is about {-left:,} too many."
    return f"{so_far} There is room for about {left:,} more."


def body_html(source: str, content_note: str = "") -> SafeString:
    """A comment's text, closed behind its content note where it has one."""
    html = render_comment(source)
    if not content_note:
        return html
    return format_html(
        '<details class="fold note"><summary>Content note: {}</summary>'
        '<div class="fold-body flow">{}</div></details>',
        content_note,
        html,
    )


_below: list[Callable] = []


def add_below(function: Callable) -> None:
    """Have ``function(comment)`` say in HTML what stands under a comment's words, such as a
    moderator's note. Asked whenever the HTML is made. Registering twice is once."""
    if function not in _below:
        _below.append(function)


def render(comment) -> None:
    """Make what is kept beside the source. The comment needs its id; nothing is saved."""
    comment.html = body_html(comment.source, comment.content_note)
    for function in _below:
        comment.html += function(comment)
    comment.stamp = stamp(comment.pk, comment.created_at, comment.edited_at)
    comment.renderer = RENDERER


def stamp(pk: int, created_at, edited_at) -> SafeString:
    """The permalink that says when. Absolute, so that it stays true while it is kept."""
    local = timezone.localtime(created_at)
    return format_html(
        '<a href="/comments/{}/"><time datetime="{}">{}</time></a>{}',
        pk,
        local.isoformat(timespec="minutes"),
        date_format(local, "M j, Y, g:i a").replace(".m.", "m"),
        SafeString(' <span class="edited">edited</span>') if edited_at else "",
    )

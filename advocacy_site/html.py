"""The one gate from Markdown to safe HTML. No other module makes HTML out of what people write.

On the way in, ``bounds`` refuses what would cost too much to read. Then markdown-it parses
(raw HTML is text to it), bleach keeps what the purpose allows, and nh3, the parser that is
still maintained, has the final word: what it returns is what readers get.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import bleach
import nh3
from django.db import models
from django.utils.safestring import SafeString, mark_safe

from .markdown.bounds import TooMuch, check_bounds, check_comment_bounds
from .markdown.comments import parse_comment
from .markdown.parser import PICTURE_MARK, Picture, parse
from .markdown.problems import Problem, find_problems

__all__ = [
    "Picture",
    "Problem",
    "Prose",
    "SafeHTMLField",
    "TooMuch",
    "picture_names",
    "render_comment",
    "render_prose",
]

SCHEMES = {"http", "https", "mailto", "tel"}

# What an article or a posted text may hold. Ids and classes are ours: the parser never
# passes one on from the writer.
PROSE = {
    "a": {"aria-label", "class", "href", "id", "rel"},
    "aside": {"aria-label", "class"},
    "b": set(),
    "blockquote": set(),
    "br": set(),
    "code": set(),
    "details": {"class"},
    "div": {"aria-label", "class", "data-poll", "role", "tabindex"},
    "em": set(),
    "figcaption": {"class"},
    "figure": {"class"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "hr": set(),
    "img": {"alt", "height", "loading", "sizes", "src", "srcset", "width"},
    "li": {"id"},
    "ol": {"class", "start"},
    "p": {"class"},
    "pre": set(),
    "s": set(),
    "strong": set(),
    "summary": set(),
    "table": set(),
    "tbody": set(),
    "td": {"class"},
    "th": {"class", "scope"},
    "thead": set(),
    "tr": set(),
    "ul": set(),
}

# What a member may write in a comment: no heading, picture, table or id of any kind. A passage
# may be folded behind a content note.
COMMENT = {
    "a": {"href", "rel"},
    "blockquote": set(),
    "br": set(),
    "details": {"class"},
    "div": {"class"},
    "em": set(),
    "li": set(),
    "ol": {"start"},
    "p": set(),
    "strong": set(),
    "summary": set(),
    "ul": set(),
}
# Links in comments help no one's search rank, and tell the other site nothing.
COMMENT_LINK_REL = "ugc nofollow noopener"


@dataclass(frozen=True)
class Prose:
    """A rendered text.

    ``html`` is the body, ``sources_html`` the numbered list of sources or an empty string.
    ``contents`` lists the second-level headings as ``{"id", "text"}`` in reading order,
    ``words`` counts the words of the body, ``problems`` names what the writer should mend.
    """

    html: SafeString
    sources_html: SafeString
    contents: list[dict[str, str]]
    words: int
    problems: list[Problem] = field(default_factory=list)


def render_prose(
    source: str, find_picture: Callable[[str], Picture | None] = lambda name: None
) -> Prose:
    """Render an article or a posted text.

    ``find_picture`` turns the name in ``![...](picture:name)`` into a picture, or None.
    Raises TooMuch, whose text is a sentence for the writer, when the source is out of bounds.
    """
    check_bounds(source)
    parsed = parse(source, find_picture)
    return Prose(
        html=clean(parsed.body_html, PROSE),
        sources_html=clean(parsed.sources_html, PROSE),
        contents=parsed.contents,
        words=parsed.words,
        problems=[*find_problems(source), *parsed.problems],
    )


@lru_cache(maxsize=64)  # a comment on its way in is checked, screened and kept: one rendering
def render_comment(source: str) -> SafeString:
    """Render a comment. Addresses become links by themselves; mail addresses do not.

    Raises TooMuch, whose text is a sentence for the writer, when the source is out of bounds.
    """
    check_comment_bounds(source)
    return clean(_LINKER.linkify(parse_comment(source)), COMMENT)


def picture_names(source: str) -> set[str]:
    """The pictures a text asks for, so that a caller can look them up all at once.

    Raises TooMuch like ``render_prose``.
    """
    check_bounds(source)
    return set(PICTURE_MARK.findall(source))


def clean(html: str, allowed: dict[str, set[str]]) -> SafeString:
    """Keep what is allowed and drop the rest. The only place that marks HTML as safe."""
    if not html:
        return SafeString("")
    once = bleach.clean(
        html,
        tags=allowed.keys(),
        attributes={tag: list(names) for tag, names in allowed.items()},
        protocols=SCHEMES,
        strip=True,
    )
    twice = nh3.clean(
        once,
        tags=set(allowed),
        attributes=allowed,
        url_schemes=SCHEMES,
        link_rel=None,
    )
    return mark_safe(twice)  # noqa: S308 - this line is what the gate is for


def _mark_comment_link(attributes, new=False):
    attributes[(None, "rel")] = COMMENT_LINK_REL
    return attributes


_LINKER = bleach.linkifier.Linker(callbacks=[_mark_comment_link], parse_email=False)


class SafeHTMLField(models.TextField):
    """Keeps what the gate returned, and gives it back as safe to show.

    Never editable: only code that has just called the gate may fill it.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"editable": False, "default": "", **kwargs})

    def from_db_value(self, value, expression, connection):
        return value if value is None else mark_safe(value)  # noqa: S308 - it left the gate safe

"""Markdown to HTML that still has to pass the gate."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

from .blocks import blocks_plugin
from .citations import citations_plugin, split_sources
from .problems import Problem, alt_problem

POLL_PLACE = re.compile(r"^\[\[poll:([a-z0-9]+(?:-[a-z0-9]+)*)\]\]$")
WORD = re.compile(r"\w[\w’'-]*")
# A whole address somewhere else, a mail, a telephone; or a place on this site.
ADDRESS = re.compile(r"^(https?://[^/\s]|mailto:|tel:\+?\d|/(?![/\\])|#)", re.IGNORECASE)
# The text is 31em wide at most.
IN_TEXT = "(min-width: 40em) 589px, 92vw"
PICTURE = re.compile(r"^picture:([\w.-]+)$")
PICTURE_MARK = re.compile(r"\]\(picture:([\w.-]+)")


class Picture(Protocol):
    """What the gate needs to know of a picture to show it in a text."""

    url: str
    srcset: str
    width: int
    height: int


@dataclass
class Parsed:
    body_html: str
    sources_html: str
    contents: list[dict[str, str]]
    words: int
    problems: list[Problem]


def parse(source: str, find_picture: Callable[[str], Picture | None]) -> Parsed:
    """Parse within the bounds already checked. The HTML is not yet safe to show."""
    env = {"find_picture": find_picture, "problems": []}
    tokens = _MARKDOWN.parse(source, env)
    body, sources = split_sources(tokens)
    render = _MARKDOWN.renderer.render
    return Parsed(
        body_html=render(body, _MARKDOWN.options, env),
        sources_html=_without_paragraphs(render(sources, _MARKDOWN.options, env)),
        contents=env.get("contents", []),
        words=sum(_count_words(token) for token in body),
        problems=env["problems"],
    )


def _without_paragraphs(html: str) -> str:
    """A source is one line of a list; a paragraph inside it would only add air."""
    return html.replace("</p>\n<p>", " ").replace("<p>", "").replace("</p>\n", "")


def _count_words(token: Token) -> int:
    return sum(
        len(WORD.findall(child.content))
        for child in token.children or []
        if child.type in {"text", "code_inline"}
    )


def _place_polls(state) -> None:
    """``[[poll:slug]]`` alone in a paragraph becomes an empty place that the polls fill."""
    tokens = state.tokens
    for index, token in enumerate(tokens):
        if token.type == "inline" and (mark := POLL_PLACE.match(token.content)):
            opening, closing = tokens[index - 1], tokens[index + 1]
            if opening.type == "paragraph_open" and closing.type == "paragraph_close":
                opening.type = closing.type = "poll_place"
                opening.hidden = closing.hidden = False
                opening.meta = {"slug": mark[1]}
                token.children = []


def _order_headings(state) -> None:
    """No heading is above the page's own, none skips a level; second-level ones are listed."""
    level, contents, seen = 1, [], Counter()
    for index, token in enumerate(state.tokens):
        if token.type != "heading_open":
            continue
        level = max(2, min(int(token.tag[1]), level + 1, 4))
        inline, closing = state.tokens[index + 1 : index + 3]
        token.tag = closing.tag = f"h{level}"
        text = "".join(c.content for c in inline.children if c.type in {"text", "code_inline"})
        if not text.strip():
            token.hidden = closing.hidden = True
            continue
        token.attrSet("id", _new_id(text, seen))
        # A heading inside a block belongs to the block, not to the list of parts.
        if level == 2 and token.level == 0:
            contents.append({"id": token.attrGet("id"), "text": text})
    state.env["contents"] = contents


def _new_id(text: str, seen: Counter) -> str:
    # The prefix keeps headings apart from the page's own ids.
    name = f"part-{slugify(text)[:60] or 'of-this-text'}"
    seen[name] += 1
    return name if seen[name] == 1 else f"{name}.{seen[name]}"


def _mark_outside_links(state) -> None:
    for token in state.tokens:
        for child in token.children or []:
            if child.type == "link_open" and child.attrGet("href").startswith("http"):
                child.attrSet("rel", "noopener")


def _render_poll_place(renderer, tokens, index, options, env):
    meta = tokens[index].meta
    return f'<div class="poll-place" data-poll="{meta["slug"]}"></div>\n' if meta else ""


def _find_pictures(state) -> None:
    """Look up each picture once; one alone in its paragraph becomes a figure."""
    for index, token in enumerate(state.tokens):
        for child in token.children or []:
            if child.type == "image":
                picture = _find_picture(child, token, state.env)
                child.meta = {"picture": picture}
                if picture:
                    _judge_alt(state, child, token)
        if token.children and [child.type for child in token.children] == ["image"]:
            opening, closing = state.tokens[index - 1], state.tokens[index + 1]
            opening.hidden = closing.hidden = True
            token.children[0].meta["alone"] = True


def _find_picture(image: Token, paragraph: Token, env) -> Picture | None:
    mark = PICTURE.match(image.attrGet("src"))
    picture = mark and env["find_picture"](mark[1])
    if not picture:
        name = mark[1] if mark else image.attrGet("src")
        line = paragraph.map[0] + 1 if paragraph.map else 1
        text = f'There is no picture "{name[:80]}". Upload it, then write picture: and its name.'
        env["problems"].append(Problem(line, text))
    return picture


def _judge_alt(state, image: Token, paragraph: Token) -> None:
    """The text a screen reader would say, however its brackets were filled."""
    alt = state.md.renderer.renderInlineAsText(image.children, state.md.options, state.env)
    if problem := alt_problem(alt):
        line = paragraph.map[0] + 1 if paragraph.map else 1
        state.env["problems"].append(Problem(line, problem))


def _render_image(renderer, tokens, index, options, env):
    token = tokens[index]
    picture = token.meta.get("picture")
    if not picture:
        return ""
    alt = escapeHtml(renderer.renderInlineAsText(token.children, options, env))
    srcset = f' srcset="{picture.srcset}" sizes="{IN_TEXT}"' if picture.srcset else ""
    html = (
        f'<img src="{escapeHtml(picture.url)}"{srcset} alt="{alt}"'
        f' width="{picture.width}" height="{picture.height}" loading="lazy">'
    )
    if not token.meta.get("alone"):
        return html
    caption = escapeHtml(token.attrGet("title") or "")
    caption = caption and f'<figcaption class="meta">{caption}</figcaption>'
    return f'<figure class="picture">{html}{caption}</figure>\n'


def _build() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "typographer": True})
    md.enable(["table", "strikethrough", "replacements", "smartquotes"])
    md.validateLink = lambda url: bool(ADDRESS.match(url) or PICTURE.match(url))
    md.use(citations_plugin)
    md.use(blocks_plugin)
    md.core.ruler.push("harbor_polls", _place_polls)
    md.core.ruler.push("harbor_headings", _order_headings)
    md.core.ruler.push("harbor_links", _mark_outside_links)
    md.core.ruler.push("harbor_pictures", _find_pictures)
    md.add_render_rule("poll_place", _render_poll_place)
    md.add_render_rule("image", _render_image)
    md.add_render_rule("table_open", _open_table)
    md.add_render_rule("table_close", lambda *args: "</table></div>\n")
    md.add_render_rule("th_open", _open_cell)
    md.add_render_rule("td_open", _open_cell)
    return md


def _open_table(renderer, tokens, index, options, env):
    """A wide table scrolls in a region of its own, which the keyboard must be able to reach."""
    env["tables"] = env.get("tables", 0) + 1
    return (
        '<div class="table-scroll" tabindex="0" role="region"'
        f' aria-label="Table {env["tables"]}"><table>\n'
    )


def _open_cell(renderer, tokens, index, options, env):
    """Alignment as a class: an inline style would be refused by the browser."""
    token = tokens[index]
    align = (token.attrGet("style") or "").removeprefix("text-align:")
    scope = ' scope="col"' if token.tag == "th" else ""
    return f'<{token.tag}{scope} class="{align}">' if align else f"<{token.tag}{scope}>"


_MARKDOWN = _build()

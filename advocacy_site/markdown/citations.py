"""Numbered sources, written as Markdown footnotes.

Numbers follow the order of first use, one number per source however often it is used, and
each use has its own way back.
"""

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin


def citations_plugin(md: MarkdownIt) -> None:
    footnote_plugin(md, inline=False)
    md.add_render_rule("footnote_ref", _mark)
    md.add_render_rule("footnote_anchor", _way_back)
    md.add_render_rule("footnote_open", _open_source)
    md.add_render_rule("footnote_close", lambda *args: "</li>\n")
    md.add_render_rule("footnote_block_open", lambda *args: '<ol class="sources">\n')
    md.add_render_rule("footnote_block_close", lambda *args: "</ol>\n")


def split_sources(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """Part the text from the list of sources that the plug-in puts at its end."""
    for index, token in enumerate(tokens):
        if token.type == "footnote_block_open":
            return tokens[:index], tokens[index:]
    return tokens, []


def use_letter(number: int) -> str:
    """0 is a, 25 is z, 26 is aa: each use of one source has its letter."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def _numbers(token: Token) -> tuple[int, str]:
    return token.meta["id"] + 1, use_letter(token.meta.get("subId", 0))


def _mark(renderer, tokens, index, options, env):
    number, letter = _numbers(tokens[index])
    return (
        f'<a class="cite" href="#source-{number}" id="use-{number}-{letter}"'
        f' aria-label="Source {number}">{number}</a>'
    )


def _way_back(renderer, tokens, index, options, env):
    number, letter = _numbers(tokens[index])
    return (
        f' <a class="back" href="#use-{number}-{letter}"'
        f' aria-label="Back to {number}{letter}, use {letter} of source {number}">'
        f"back to {number}{letter}</a>"
    )


def _open_source(renderer, tokens, index, options, env):
    return f'<li id="source-{_numbers(tokens[index])[0]}">'

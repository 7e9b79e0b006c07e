"""A comment's Markdown: paragraphs, emphasis, lists, quotes, links, and ``::: note``.

Everything else is plain text to it. A new line is a new line, as in a letter. The HTML still
has to pass the gate.
"""

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from mdit_py_plugins.container import container_plugin

DEEPEST = 12  # lists and quotes inside each other; what is deeper stays text


def parse_comment(source: str) -> str:
    """HTML that is not yet safe to show, from a source within its bounds."""
    return _MARKDOWN.render(source, {})


def _is_web_address(url: str) -> bool:
    return url.lower().startswith(("https://", "http://"))


def _render_note(renderer, tokens, index, options, env):
    if tokens[index].nesting == -1:
        return "</div></details>\n"
    said = tokens[index].info.strip().removeprefix("note").strip()
    said = escapeHtml(said) or "Show this part"
    return f'<details class="fold note"><summary>{said}</summary><div class="fold-body flow">\n'


def _build() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": DEEPEST})
    md.disable(["backticks", "code", "fence", "heading", "hr", "html_block", "html_inline"])
    md.disable(["image", "lheading", "reference"])
    md.validateLink = _is_web_address
    container_plugin(md, "note", render=_render_note)
    return md


_MARKDOWN = _build()

"""The blocks a writer can open with three colons and a name, and close with three colons.

``::: quote Dana Okafor``      a pulled quote with its speaker
``::: number 3 in 4``          a figure in the margin; the last paragraph is its source
``::: survival``               survival numbers, closed until the reader opens them
``::: note This part talks about dying.``   a passage closed behind a content note
``::: help If this is a hard day``          a help card
``::: steps``                  a numbered list drawn as steps
``::: rules`` ``::: fine``     the posted rules, and what is fine to say
"""

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

BLOCK_NAMES = ("fine", "help", "note", "number", "quote", "rules", "steps", "survival")

# Stands before the fold, so that it is read first, and whether or not the numbers are.
ABOUT_SURVIVAL_NUMBERS = (
    "These numbers describe large groups of people diagnosed years ago. "
    "They cannot say what will happen to one person."
)

_OPENING = {
    "fine": '<div class="fine">\n',
    "help": '<aside class="help-card" aria-label="{said}">\n',
    "note": '<details class="fold note"><summary>{said}</summary><div class="fold-body flow">\n',
    "number": '<aside class="figure-note" aria-label="A number in context"><b>{said}</b>\n',
    "quote": '<figure class="pull"><blockquote>\n',
    "rules": "",
    "steps": "",
    "survival": (
        f'<div class="numbers"><p class="meta">{ABOUT_SURVIVAL_NUMBERS}</p>'
        '<details class="fold"><summary>Show survival numbers</summary>'
        '<div class="fold-body flow">\n'
    ),
}
_CLOSING = {
    "fine": "</div>\n",
    "help": "</aside>\n",
    "note": "</div></details>\n",
    "number": "</aside>\n",
    "quote": '</blockquote><figcaption class="meta">{said}</figcaption></figure>\n',
    "rules": "",
    "steps": "",
    "survival": "</div></details></div>\n",
}
# Where the writer said nothing after the name.
_UNSAID = {
    "help": "If you need someone now",
    "note": "Show this part",
}


def blocks_plugin(md: MarkdownIt) -> None:
    for name in BLOCK_NAMES:
        container_plugin(md, name, render=_render)
    md.core.ruler.push("harbor_blocks", _dress_block_contents)


def block_name(token: Token) -> str:
    """``container_quote_open`` is the token of a ``quote``."""
    return token.type.split("_")[1]


def _said(token: Token) -> str:
    name = block_name(token)
    return token.info.strip().removeprefix(name).strip() or _UNSAID.get(name, "")


def _render(renderer, tokens, index, options, env):
    token = tokens[index]
    name = block_name(token)
    if token.nesting == 1:
        env.setdefault("open_blocks", []).append(token)
        return _OPENING[name].format(said=escapeHtml(_said(token)))
    opened = env["open_blocks"].pop()
    if name == "quote" and not _said(opened):
        return "</blockquote></figure>\n"
    return _CLOSING[name].format(said=escapeHtml(_said(opened)))


def _dress_block_contents(state) -> None:
    """Give the parts of a block their classes, ids and headings."""
    dressed, open_blocks = [], []
    for token in state.tokens:
        dressed.append(token)
        if not token.type.startswith("container_"):
            _dress(token, open_blocks, state.env)
        elif token.nesting == 1:
            open_blocks.append({"name": block_name(token), "level": token.level, "paragraphs": []})
            if block_name(token) == "help":
                dressed += _heading(_said(token), token)
        else:
            block = open_blocks.pop()
            if block["name"] == "number" and len(block["paragraphs"]) > 1:
                block["paragraphs"][-1].attrSet("class", "meta")
    state.tokens = dressed


def _dress(token: Token, open_blocks: list[dict], env: dict) -> None:
    if not open_blocks:
        return
    block = open_blocks[-1]
    if token.type == "paragraph_open":
        block["paragraphs"].append(token)
    if token.level != block["level"] + (2 if token.type == "list_item_open" else 1):
        return
    if token.type == "ordered_list_open" and block["name"] in {"steps", "rules"}:
        token.attrSet("class", block["name"])
    if token.type == "list_item_open" and block["name"] == "rules":
        env["rules"] = env.get("rules", 0) + 1
        token.attrSet("id", f"rule-{env['rules']}")


def _heading(text: str, near: Token) -> list[Token]:
    place = {"block": True, "map": near.map, "level": near.level + 1}
    opening = Token("heading_open", "h3", 1, **place)
    inline = Token("inline", "", 0, content=text, children=[], **place)
    inline.children.append(Token("text", "", 0, content=text))
    return [opening, inline, Token("heading_close", "h3", -1, **place)]

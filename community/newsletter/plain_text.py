"""The text part of a letter, out of the HTML that the gate made: 72 columns, links on lines of
their own, nothing that a screen reader would spell out."""

import textwrap
from html.parser import HTMLParser

WIDTH = 72
BLOCKS = {"p", "h2", "h3", "h4", "li", "blockquote", "pre", "tr", "figcaption", "summary", "hr"}


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.paragraphs = [[""]]
        self.links = []
        self.href = None
        self.lists = []

    def handle_starttag(self, tag, attributes):
        if tag in BLOCKS:
            self.end_paragraph()
        if tag in {"ol", "ul"}:
            self.lists.append(0 if tag == "ol" else None)
        elif tag == "li" and self.lists:
            if self.lists[-1] is not None:
                self.lists[-1] += 1
            self.paragraphs[-1][0] = "- " if self.lists[-1] is None else f"{self.lists[-1]}. "
        elif tag == "br":
            self.paragraphs[-1].append("\n")
        elif tag in {"td", "th"}:
            self.paragraphs[-1].append("  ")
        elif tag == "a":
            self.href = dict(attributes).get("href", "")

    def handle_endtag(self, tag):
        if tag == "a" and self.href:
            if not self.href.startswith("#"):
                self.links.append(self.href)
            self.href = None
        elif tag in BLOCKS:
            self.end_paragraph()
        elif tag in {"ol", "ul"} and self.lists:
            self.lists.pop()

    def handle_data(self, data):
        self.paragraphs[-1].append(data)

    def end_paragraph(self):
        if len(self.paragraphs[-1]) > 1 or self.links:
            self.paragraphs[-1].append(list(self.links))
            self.links.clear()
            self.paragraphs.append([""])


def plain_text(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_paragraph()
    return "\n\n".join(filter(None, map(_written, reader.paragraphs)))


def _written(paragraph: list) -> str:
    mark, *rest = paragraph
    links = rest.pop() if rest and isinstance(rest[-1], list) else []
    words = " ".join("".join(rest).split())
    lines = textwrap.wrap(
        words,
        WIDTH,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join([*lines, *(link for link in links if link not in words)])

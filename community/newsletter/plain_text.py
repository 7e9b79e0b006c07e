"""The text part of a letter, out of the HTML that the gate made: a line for each paragraph, so
that a phone wraps it as it likes, links on lines of their own, nothing that a screen reader
would spell out."""

from html.parser import HTMLParser

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
                self.paragraphs[-1].append(len(self.links))  # its number, in case of several
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
    """One line, then its links; numbered in the text and below where there are several."""
    mark, *rest = paragraph
    links = rest.pop() if rest and isinstance(rest[-1], list) else []
    several = len(links) > 1
    pieces = [f" [{p}]" * several if isinstance(p, int) else p for p in rest]
    words = " ".join("".join(pieces).split())
    below = [
        f"[{number}] {link}" if several else link
        for number, link in enumerate(links, 1)
        if several or link not in words
    ]
    return "\n".join([f"{mark}{words}".rstrip(), *below])

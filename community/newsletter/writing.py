"""From an editor's Markdown to what one kind of reader gets: HTML and text, or text alone,
with her topics left out and, if she asked for it, a subject that says nothing."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from advocacy_site.cards import Card, find_card, kinds
from advocacy_site.html import TooMuch, render_prose
from advocacy_site.mail import with_styles_inline
from advocacy_site.site_url import absolute

from .models import Issue
from .plain_text import plain_text

CARD_LINE = re.compile(r"[ \t]*\[\[([a-z-]+):([\w-]+)\]\][ \t]*")
MOST_CARDS = 50

# Stands for a card while the text around it is read.
CARD_MARK = "zz0card"
CARD_PLACE = re.compile(rf"<p>{CARD_MARK}(\d{{1,4}})zz</p>")
BOXES = ("div", "aside", "blockquote", "section", "details", "figure", "ol", "ul", "table")
# Steps between a sentence and its source, which a mail program cannot take.
CITATION = re.compile(r'<a class="cite"[^>]*>([^<]*)</a>')
WAY_BACK = re.compile(r'\s*<a class="back"[^>]*>[^<]*</a>')

# The gate leaves such a link as the words that were typed; nobody should get those.
REFUSED_LINK = re.compile(r"\]\(\s*(?:javascript|data|vbscript|file):[^\s)]{0,60}", re.IGNORECASE)

LAST_HEADING = re.compile(r"\s*<h([1-6])\b[^>]*>(?:(?!<h[1-6]\b).)*</h\1>\s*\Z", re.DOTALL)

# Stand where the links of one person will be; see ``Written.for_person``.
SETTINGS_MARK = "zz0settings0zz"
STOP_MARK = "zz0stop0zz"


@dataclass(frozen=True)
class Part:
    """A card, or the text between two cards."""

    prose: str = ""
    card: Card | None = None


@dataclass(frozen=True)
class Letter:
    issue: Issue
    parts: list[Part]
    problems: list[str]

    @property
    def topics(self) -> frozenset[str]:
        return frozenset().union(*(part.card.topics for part in self.parts if part.card))

    def parts_without(self, left_out: frozenset[str]) -> list[Part]:
        """What is left for someone who left topics out, without headings over nothing."""
        kept: list[Part] = []
        dropped = False
        for part in [*self.parts, None]:
            if part and part.card and part.card.topics & left_out:
                dropped = True
                continue
            if dropped and kept and not kept[-1].card and not (part and part.card):
                kept[-1] = Part(prose=mark_safe(LAST_HEADING.sub("", kept[-1].prose)))  # noqa: S308 - less of the gate's own
                if not kept[-1].prose.strip():
                    kept.pop()
            dropped = False
            if part:
                kept.append(part)
        return kept

    def for_reader(self, *, left_out=frozenset(), discreet=False, text_only=False) -> "Written":
        parts = self.parts_without(left_out)
        context = {
            "issue": self.issue,
            "parts": parts,
            "discreet": discreet,
            "site_name": settings.SITE_NAME,
            "site_url": settings.SITE_URL,
            "postal_address": settings.POSTAL_ADDRESS,
            "help_email": settings.REPLY_TO_EMAIL,
            "is_demonstration": settings.IS_DEMONSTRATION,
            "settings_url": absolute(f"/emails/settings/{SETTINGS_MARK}/"),
            "stop_url": absolute(f"/emails/stop/{STOP_MARK}/"),
        }
        subject = self.issue.discreet_subject if discreet else self.issue.subject
        return Written(
            subject=" ".join(subject.split()),
            text=write_text(context),
            html="" if text_only else write_html(context),
        )


@dataclass(frozen=True)
class Written:
    """What one kind of reader gets. ``html`` is empty for those who want text only."""

    subject: str
    text: str
    html: str

    def for_person(self, settings_token: str, stop_token: str) -> "Written":
        def fill(words):
            return words.replace(SETTINGS_MARK, settings_token).replace(STOP_MARK, stop_token)

        return Written(self.subject, fill(self.text), fill(self.html))


def for_eyes(words: str) -> str:
    """With links of nobody in place of hers: for the editors' desk."""
    return words.replace(SETTINGS_MARK, "her-own-link").replace(STOP_MARK, "her-own-link")


def write_letter(issue: Issue) -> Letter:
    """Read the Markdown through the gate, as one text with its cards in their places, so that
    sources are numbered once and stand at the end. What is wrong is in ``problems``."""
    cards, problems = [], []
    body = with_marks(issue.body.replace("\r\n", "\n"), cards, problems)
    parts = []
    try:
        prose = render_prose(body)
    except TooMuch as too_much:
        problems.append(str(too_much))
    else:
        problems.extend(str(problem) for problem in prose.problems)
        parts = taken_apart(prose.html + prose.sources_html, cards)
    if any(CARD_MARK in part.prose for part in parts):
        problems.append("Put a card outside of boxes and code, on a line of its own.")
    if parts and (source := REFUSED_LINK.search(prose.html)):
        problems.append(f"A link may begin with https:// or / only: {source[0]}")
    if not parts and not problems:
        problems.append("Write something.")
    return Letter(issue, parts, problems)


def with_marks(body: str, cards: list[Card | None], problems: list[str]) -> str:
    """The text with a paragraph of its own for each card; the cards are added to ``cards``."""
    lines = body.split("\n")
    marked = []
    for number, line in enumerate(lines):
        if not (found := CARD_LINE.fullmatch(line)):
            marked.append(line)
            continue
        if len(cards) == MOST_CARDS:
            problems.append(f"Use {MOST_CARDS} cards or fewer.")
            break
        kind, slug = found.groups()
        cards.append(find_card(kind, slug))
        if cards[-1] is None and kind in kinds():
            problems.append(f"There is no published {kind} at “{slug}”.")
        elif cards[-1] is None:
            problems.append(f"“{kind}” is no kind of card. Write {' or '.join(kinds())}.")
        around = [text for text in lines[max(number - 1, 0) : number + 2] if text is not line]
        mark = f"{CARD_MARK}{len(cards) - 1}zz"
        # No more lines than needed: what is wrong in the text is told with its line.
        marked.append(f"\n{mark}\n" if any(text.strip() for text in around) else mark)
    return "\n".join(marked)


def taken_apart(html: str, cards: list) -> list[Part]:
    """The text between the cards, and the cards. A mark inside a box stays where it is."""
    parts: list[Part] = []
    rest = 0
    for mark in CARD_PLACE.finditer(html):
        before = html[rest : mark.start()]
        if not is_whole(before) or int(mark[1]) >= len(cards):
            continue
        add_prose(before, parts)
        if card := cards[int(mark[1])]:
            parts.append(Part(card=card))
        rest = mark.end()
    add_prose(html[rest:], parts)
    return parts


def is_whole(html: str) -> bool:
    """Whether every box that opens here closes here."""
    return all(html.count(f"<{box}") == html.count(f"</{box}>") for box in BOXES)


def add_prose(html: str, parts: list) -> None:
    if html.strip():
        parts.append(Part(prose=mark_safe(html)))  # noqa: S308 - the gate made it


def write_text(context: dict) -> str:
    pieces = [
        {"card": part.card} if part.card else {"text": plain_text(for_mail(part.prose))}
        for part in context["parts"]
    ]
    text = render_to_string("email/letter/body.txt", context | {"pieces": pieces})
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def write_html(context: dict) -> str:
    parts = [
        part if part.card else Part(prose=mark_safe(for_mail(part.prose)))  # noqa: S308
        for part in context["parts"]
    ]
    html = render_to_string("email/letter/body.html", context | {"parts": parts})
    return with_styles_inline(html)


def for_mail(html: str) -> str:
    """A mail has no site to be relative to, and no place on the page to jump to."""
    html = WAY_BACK.sub("", CITATION.sub(r"<sup>[\1]</sup>", html))
    return re.sub(r'(href|src)="/', rf'\1="{settings.SITE_URL}/', html)

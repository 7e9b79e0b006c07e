"""From an editor's Markdown to what one kind of reader gets: HTML and text, or text alone,
with her topics left out and, if she asked for it, a subject that says nothing."""

import re
from dataclasses import dataclass
from functools import lru_cache

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from advocacy_site.cards import Card, find_card, kinds
from advocacy_site.html import TooMuch, render_prose
from advocacy_site.site_url import absolute

from .models import Issue
from .plain_text import plain_text

CARD_LINE = re.compile(r"^[ \t]*\[\[([a-z-]+):([\w-]+)\]\][ \t]*$", re.MULTILINE)

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


def write_letter(issue: Issue) -> Letter:
    """Read the Markdown through the gate, card by card. What is wrong is in ``problems``."""
    parts, problems, rest = [], [], 0
    body = issue.body.replace("\r\n", "\n")
    for line in CARD_LINE.finditer(body):
        add_prose(body[rest : line.start()], parts, problems)
        rest = line.end()
        kind, slug = line.groups()
        if card := find_card(kind, slug):
            parts.append(Part(card=card))
        elif kind in kinds():
            problems.append(f"There is no published {kind} at “{slug}”.")
        else:
            problems.append(f"“{kind}” is no kind of card. Write {' or '.join(kinds())}.")
    add_prose(body[rest:], parts, problems)
    if not parts:
        problems.append("Write something.")
    return Letter(issue, parts, problems)


def add_prose(source: str, parts: list, problems: list) -> None:
    if not source.strip():
        return
    try:
        prose = render_prose(source)
    except TooMuch as too_much:
        problems.append(str(too_much))
        return
    problems.extend(str(problem) for problem in prose.problems)
    parts.append(Part(prose=mark_safe(prose.html + prose.sources_html)))  # noqa: S308 - the gate made both


def write_text(context: dict) -> str:
    pieces = [
        {"card": part.card} if part.card else {"text": plain_text(with_whole_links(part.prose))}
        for part in context["parts"]
    ]
    text = render_to_string("email/letter/body.txt", context | {"pieces": pieces})
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def write_html(context: dict) -> str:
    parts = [
        part if part.card else Part(prose=mark_safe(with_whole_links(part.prose)))  # noqa: S308
        for part in context["parts"]
    ]
    html = render_to_string("email/letter/body.html", context | {"parts": parts})
    return inliner().inline(html)


@lru_cache(maxsize=1)
def inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False
    )


def with_whole_links(html: str) -> str:
    """A mail has no site to be relative to."""
    return re.sub(r'(href|src)="/', rf'\1="{settings.SITE_URL}/', html)

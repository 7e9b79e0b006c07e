"""Whether words show at once or wait for a moderator, and why. Everything is looked at here, by
us: no text is sent to anyone.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Value
from django.db.models.functions import MD5
from django.utils import timezone

from advocacy_site.html import render_comment

from . import holding, shapes, wordlists
from .folding import fold, words_of
from .matching import MOST_FOUND
from .models import Comment, Hold, ListedWord, Report

State, Reason, Action = Comment.State, Hold.Reason, ListedWord.Action

# So many comments of a new member are read by a moderator before they show; the rules say so.
FIRST_COMMENTS = 3
# More than this in so short a time is a quarrel, or a program.
MANY = 5
MANY_WITHIN = timedelta(minutes=10)
# "Thank you so much" may be said twice; what is longer and the same is not an answer.
OWN_REPEATED_FROM = 25  # letters
REPEATED_FROM = 60
REPEATED_WITHIN = timedelta(days=30)
NEWEST = 20


@dataclass
class Verdict:
    """``flags`` say what a moderator should look at although the comment shows."""

    reasons: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    @property
    def state(self) -> State:
        return State.HELD if self.reasons else State.VISIBLE

    @property
    def detail(self) -> str:
        return "\n".join(self.details)

    def wait(self, reason: str, detail: str = "") -> None:
        if reason not in self.reasons:
            self.reasons.append(reason)
        if detail:
            self.details.append(detail)


def look_at(*, author, source: str, content_note="", comment=None, signs=()) -> Verdict:
    """What becomes of these words by this member.

    ``comment`` is the one that is being changed; ``signs`` are reasons that the form itself gave.
    """
    verdict = Verdict()
    words = Said(source, content_note)
    is_trusted = author.trusted_at is not None
    if holding.is_on_hold(author):
        verdict.wait(Reason.MEMBER)
    if comment is not None and Report.objects.waiting().filter(comment=comment).exists():
        verdict.wait(Reason.REPORTED)
    _look_for_listed(verdict, words, is_trusted)
    if is_trusted:
        return verdict
    if is_new(author):
        verdict.wait(Reason.FIRST)
    for sign in signs:
        verdict.wait(sign)
    if link := shapes.link_in(words.html, words.text):
        verdict.wait(Reason.LINK, f"link: {link}")
    for contact in shapes.contacts_in(words.text):
        verdict.wait(Reason.CONTACT, contact)
    _look_for_the_same(verdict, author, source, comment)
    return verdict


def refusal(source: str, content_note="") -> str:
    """A sentence for the writer when words stand in it that are refused; else an empty one."""
    found = wordlists.find(Said(source, content_note).with_links)
    refused = [one.said for one in found if one.action == Action.REFUSE]
    if not refused:
        return ""
    quoted = " and ".join(f"“{said}”" for said in dict.fromkeys(refused[:3]))
    return f"Take out {quoted}. Words on our list cannot be posted here."


def is_new(author) -> bool:
    """Whether a moderator has still to read what this member writes first."""
    approved = Comment.objects.filter(author=author, state=State.VISIBLE)
    return len(approved.values_list("pk", flat=True)[:FIRST_COMMENTS]) < FIRST_COMMENTS


class Said:
    """The words as readers get them: marks that split a word are gone, entities are letters."""

    def __init__(self, source: str, content_note: str):
        self.html = render_comment(source)
        self.text = f"{content_note}\n{shapes.text_of(self.html)}"

    @property
    def with_links(self) -> str:
        return "\n".join([self.text, *shapes.links_of(self.html)])


def _look_for_listed(verdict: Verdict, words: Said, is_trusted: bool) -> None:
    """A trusted member's words show; a moderator looks at them all the same."""
    listed = wordlists.find(words.with_links)
    if len(listed) >= MOST_FOUND and not is_trusted:
        verdict.wait(Reason.LISTED, f"{MOST_FOUND} listed words or more")
    for found in listed[:NEWEST]:
        detail = f"listed: “{found.entry}”, here “{found.said}”"
        if found.action == Action.FLAG or is_trusted:
            verdict.flags.append(detail)
        else:  # what is refused is told beside the field; an old draft may still hold it
            verdict.wait(Reason.LISTED, detail)


def _look_for_the_same(verdict: Verdict, author, source: str, comment) -> None:
    now = timezone.now()
    lately = Comment.objects.filter(created_at__gte=now - REPEATED_WITHIN)
    if comment is not None:
        lately = lately.exclude(pk=comment.pk)
    newest = lately.filter(author=author).order_by("-pk")
    own = list(newest.values_list("pk", "source", "created_at", "state")[:NEWEST])
    if comment is None:
        count = sum(at >= now - MANY_WITHIN for _, _, at, _ in own)
        if count >= MANY:
            verdict.wait(Reason.MANY, f"{count + 1} comments in 10 minutes")
    letters = _letters(source)
    if len(letters) >= OWN_REPEATED_FROM:
        for pk, earlier, _, state in own:
            if state != State.DELETED and _letters(earlier) == letters:
                verdict.wait(Reason.REPEATED, f"the same as comment {pk}")
                return
    if len(letters) >= REPEATED_FROM:
        same = lately.annotate(hash=MD5("source")).filter(hash=MD5(Value(source)))
        if (pk := same.exclude(author=author).values_list("pk", flat=True).first()) is not None:
            verdict.wait(Reason.REPEATED, f"the same as comment {pk}")


def _letters(source: str) -> str:
    return "".join(words_of(fold(source)))

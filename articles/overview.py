"""What waits for an editor: the first page of her desk. Every list is bounded."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Case, Q, When
from django.db.models.functions import Least
from django.utils import timezone

from .missed_searches import recent_misses
from .models import Article, AuditEntry
from .moments import in_words
from .rights import edits_all, visible_at_desk
from .source_checks import failing_sources

SHOWN = 8
SOON = timedelta(days=30)


@dataclass(frozen=True)
class Entry:
    """``article`` may be None."""

    article: Article | None
    text: str


@dataclass(frozen=True)
class Waiting:
    """A heading with its entries. ``more`` is the address of the whole list, or empty."""

    heading: str
    entries: list[Entry]
    more: str = ""
    tone: str = ""


def waiting_for(user) -> list[Waiting]:
    """The lists that are not empty, most urgent first."""
    articles = visible_at_desk(user, Article.objects.defer_texts())
    lists = [in_review(articles), scheduled(articles)]
    if edits_all(user):
        lists = [
            failed_schedules(),
            lists[0],
            overdue(articles),
            broken_sources(),
            lists[1],
            due_soon(articles),
            missed(),
        ]
    else:
        lists.append(drafts(articles))
    return [waiting for waiting in lists if waiting.entries]


def in_review(articles) -> Waiting:
    found = articles.exclude(submitted_at=None).select_related("submitted_by")
    return Waiting(
        "Waiting for review",
        [
            Entry(a, f"{a.submitted_by or 'Someone'}, since {in_words(a.submitted_at)}")
            for a in found.order_by("submitted_at")[:SHOWN]
        ],
        more="?state=review",
    )


def scheduled(articles) -> Waiting:
    now = timezone.now()
    found = articles.filter(Q(published_at__gt=now) | Q(next_at__gt=now) | Q(withdraw_at__gt=now))
    coming = (
        Case(When(**{f"{moment}__gt": now}, then=moment))
        for moment in ("published_at", "next_at", "withdraw_at")
    )
    entries = []
    for article in found.order_by(Least(*coming), "pk")[:SHOWN]:
        if article.published_at > now:
            entries.append(Entry(article, f"appears on {in_words(article.published_at)}"))
        if article.next_at:
            entries.append(Entry(article, f"newer words on {in_words(article.next_at)}"))
        if article.withdraw_at and article.withdraw_at > now:
            entries.append(Entry(article, f"is withdrawn on {in_words(article.withdraw_at)}"))
    return Waiting("Scheduled", entries, more="?state=scheduled")


def overdue(articles) -> Waiting:
    found = articles.published().filter(review_due__lt=timezone.localdate()).order_by("review_due")
    return Waiting(
        "Check overdue",
        [Entry(a, f"was due on {a.review_due:%B} {a.review_due.day}") for a in found[:SHOWN]],
        more="?check=overdue",
        tone="amber",
    )


def due_soon(articles) -> Waiting:
    today = timezone.localdate()
    found = articles.published().filter(review_due__range=(today, today + SOON))
    return Waiting(
        "Check due within 30 days",
        [
            Entry(a, f"due on {a.review_due:%B} {a.review_due.day}")
            for a in found.order_by("review_due")[:SHOWN]
        ],
        more="?check=soon",
    )


def broken_sources() -> Waiting:
    return Waiting(
        "Sources that no longer answer",
        [
            Entry(c.article, f"{c.address[:80]}: {c.problem} Since {in_words(c.failing_since)}.")
            for c in failing_sources()[:SHOWN]
        ],
        tone="amber",
    )


def failed_schedules() -> Waiting:
    recent = AuditEntry.objects.filter(
        deed=AuditEntry.Deed.FAILED, at__gt=timezone.now() - timedelta(days=7)
    ).select_related("article")
    return Waiting(
        "Schedules that failed",
        [Entry(e.article, f"{e.title}: {e.detail}") for e in recent[:SHOWN]],
        tone="amber",
    )


def drafts(articles) -> Waiting:
    found = articles.filter(published_at=None, submitted_at=None).order_by("-saved_at")
    return Waiting(
        "Your drafts", [Entry(a, f"saved {in_words(a.saved_at)}") for a in found[:SHOWN]]
    )


def missed() -> Waiting:
    return Waiting(
        "Searched for and not found",
        [
            Entry(None, f"{m.words} ({m.times} time{'' if m.times == 1 else 's'})")
            for m in recent_misses()[:SHOWN]
        ],
    )

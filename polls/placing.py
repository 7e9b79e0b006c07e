"""Which polls a page shows, found all at once: one query for the whole page."""

import re

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from advocacy_site.reader_cache import reading_only
from articles.models import Article

from .models import Choice, Placement, Poll
from .models.poll import is_featured_now

# As the gate leaves it in an article's HTML (advocacy_site.markdown.parser).
PLACE = re.compile(r'<div class="poll-place" data-poll="([a-z0-9-]+)"></div>')

_TOTAL = "COALESCE((SELECT SUM({}) FROM polls_tally t WHERE t.poll_id = polls_choice.poll_id), 0)"
# S611: constant text, nothing from outside.
VOTES = RawSQL(_TOTAL.format("t.votes[polls_choice.position]"), [])  # noqa: S611
VOTERS = RawSQL(_TOTAL.format("t.voters"), [])  # noqa: S611


def with_choices(condition: Q) -> list[Poll]:
    """Polls with their choices and totals: ``choice_list``, each with ``votes``, and ``voters``.

    ``condition`` is on choices (``poll__slug``) and says whether drafts are wanted. One query.
    """
    choices = Choice.objects.filter(condition).select_related("poll", "picture")
    choices = choices.annotate(votes=VOTES, poll_voters=VOTERS).order_by("poll_id", "position")
    polls = {}
    # Totals are asked for, and shown only by results_of, which notes it.
    with reading_only("polls_poll", "polls_choice", "polls_placement", "articles_picture"):
        choices = list(choices)
    for choice in choices:
        poll = polls.setdefault(choice.poll_id, choice.poll)
        poll.__dict__.setdefault("choice_list", []).append(choice)
        poll.voters = int(choice.poll_voters)
        choice.votes = int(choice.votes)
    return list(polls.values())


def one_poll(slug: str) -> Poll | None:
    """A draft too; the caller decides who may see it."""
    return next(iter(with_choices(Q(poll__slug=slug))), None)


# In words of its own: Django took longer to put this query together, for each vote anew, than
# the database takes to answer it (a third of what a vote costs a process).
# Fields stand in the order of the models.
_POLL = ("id", "kind", "slug", "min_choices", "max_choices", "opens_at", "closes_at", "wording")
_CHOICE = ("id", "position")
_TO_VOTE_IN = (
    f"SELECT {', '.join(f'p.{name}' for name in _POLL)}, {', '.join(f'c.{n}' for n in _CHOICE)}"  # noqa: S608
    " FROM polls_choice c JOIN polls_poll p ON p.id = c.poll_id"
    " WHERE p.slug = %s ORDER BY c.position"
)


def poll_to_vote_in(slug: str) -> Poll | None:
    """A poll with its ``choice_list``, without words and totals: what a vote needs."""
    with connection.cursor() as cursor:
        cursor.execute(_TO_VOTE_IN, [slug])
        rows = cursor.fetchall()
    if not rows:
        return None
    poll = Poll.from_db(connection.alias, _POLL, rows[0][: len(_POLL)])
    poll.choice_list = [
        Choice.from_db(connection.alias, _CHOICE, row[len(_POLL) :]) for row in rows
    ]
    return poll


class PagePolls:
    """The polls of one page: those in its text, those placed after it, and the featured one."""

    def __init__(self, html: str = "", article: Article | None = None):
        wanted = is_featured_now("poll__")
        if slugs := set(PLACE.findall(html)):
            wanted |= Q(poll__slug__in=slugs)
        if article is not None and article.pk:
            placed = Placement.objects.filter(poll=OuterRef("poll"), article=article, in_text=False)
            wanted |= Q(Exists(placed))
        now = timezone.now()
        found = with_choices(Q(poll__opens_at__lte=now) & wanted)
        self.polls = {poll.slug: poll for poll in found}
        self.in_text = [self.polls[slug] for slug in sorted(slugs) if slug in self.polls]
        self.featured = next(
            (poll for poll in self.polls.values() if poll.is_featured),
            None,
        )
        self.shown = set()

    def after_text(self) -> list[Poll]:
        """Placed with the article, and not in its text."""
        return [p for p in self.polls.values() if p not in self.in_text and p is not self.featured]


def follow_text(article: Article) -> None:
    """Make the placements say which polls the text now holds. Safe to repeat."""
    slugs = set(PLACE.findall(article.body_html))
    with transaction.atomic():
        held = article.poll_placements.filter(in_text=True)
        held.exclude(poll__slug__in=slugs).delete()
        for poll in Poll.objects.filter(slug__in=slugs).exclude(placements__in=held):
            Placement.objects.update_or_create(
                article=article, poll=poll, defaults={"in_text": True}
            )


def follow_poll(poll: Poll) -> None:
    """A new poll: texts may have held its place before it was made. Looks at every text, so
    only for a slug that is new."""
    place = f'data-poll="{poll.slug}"'
    for article in Article.objects.filter(body_html__contains=place):
        follow_text(article)


def articles_with(poll: Poll):
    """The published articles that show a poll, newest first."""
    return Article.objects.published().filter(polls=poll).newest_first().defer_texts()

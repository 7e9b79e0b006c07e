"""Full-text search in Postgres: title over standfirst over text, newest first among equals.

Only the best few hundred are ranked: the newest matches, and the newest whose title matches.
Ranking reads every candidate's words, so its cost must not grow with the magazine.
"""

import html
import re
from dataclasses import dataclass
from math import isfinite

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Func, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .due import apply_due
from .models import Article, Topic


class RegConfig(TextField):
    """The name of a text search configuration, as a type to cast to."""

    def db_type(self, connection):
        return "regconfig"

    cast_db_type = db_type


MOST_CHARACTERS = 200
A_PAGE = 10
TITLE_MATCHES, ANY_MATCHES = 100, 200
# Where Postgres puts them around a found word; no text holds these private characters.
START, STOP = "\ue000", "\ue001"
_PRIVATE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ue000\ue001]")

# Some databases take a curly quote for a letter, so plain marks stand for them, in the index
# (migration 0005, to the letter: an index serves only its very own expression) and in the query.
CURLY, PLAIN = "“”„«»‘’‚‹›–—…", "\"\"\"\"\"'''''   "
_TYPED = str.maketrans(CURLY, PLAIN)
_MINUS = re.compile(r"(?<!\S)[–—−](?=\S)")  # what a phone makes of a minus before a word
TITLE = "translate(title, '“”„«»‘’‚‹›–—…', '\"\"\"\"\"''''''''''   ')"

CANDIDATES = """
WITH hits AS (
    (SELECT id, published_at, search FROM articles_article
     WHERE to_tsvector('english'::regconfig, {title}) @@ {query} AND {may_be_seen}
     ORDER BY published_at DESC, id DESC LIMIT %(title_matches)s)
    UNION
    (SELECT id, published_at, search FROM articles_article
     WHERE search @@ {query} AND {may_be_seen}
     ORDER BY published_at DESC, id DESC LIMIT %(any_matches)s)
)
SELECT id, ts_rank('{{0.1, 0.2, 0.5, 1.0}}', search, {query})::float8 AS rank,
    extract(epoch FROM published_at)::float8 AS published
FROM hits ORDER BY rank DESC, published_at DESC, id DESC
"""
QUERY = "websearch_to_tsquery('english'::regconfig, %(words)s)"
MAY_BE_SEEN = (
    "published_at <= %(now)s AND (withdraw_at IS NULL OR withdraw_at > %(now)s)"
    " AND (%(topic)s IS NULL OR EXISTS (SELECT 1 FROM articles_articletopic t"
    " WHERE t.article_id = articles_article.id AND t.topic_id = %(topic)s))"
)


@dataclass(frozen=True)
class Found:
    """``problem`` is a sentence for words that cannot be searched for. ``extracts`` maps an
    article's id to escaped HTML with ``<mark>``. ``older`` is the key of the next page: the
    place of the last article in the order, which stays a place when that article goes.
    ``words`` are those that were really searched for, ``count`` how many articles they find;
    ``has_more`` says that there are more than were ranked."""

    articles: list[Article]
    extracts: dict[int, SafeString]
    older: str = ""
    problem: str = ""
    words: str = ""
    count: int = 0
    has_more: bool = False


def search(words: str, *, topic: Topic | None = None, after: str = "") -> Found:
    words = " ".join(as_plain(words).split())
    if len(words) > MOST_CHARACTERS:
        return Found([], {}, problem=f"Search for {MOST_CHARACTERS} characters or fewer.")
    if not words:
        return Found([], {}, problem="Write what you are looking for.")
    apply_due()
    if not re.search(r"\w", words):
        return Found([], {}, problem="Write a word to look for.")
    ranked = candidates(words, topic)
    if not ranked and not has_search_words(words):
        return Found(
            [], {}, problem="These words are in nearly every article. Add one that says more."
        )
    key = read_place(after)
    rows = [row for row in ranked if place_of(row) < key] if key else ranked
    pks = [pk for pk, _, _ in rows[:A_PAGE]]
    cards = Article.objects.published().filter(pk__in=pks).for_cards()
    return Found(
        articles=sorted(cards, key=lambda card: pks.index(card.pk)),
        extracts=extracts(words, pks),
        older="_".join(map(repr, place_of(rows[A_PAGE - 1]))) if len(rows) > A_PAGE else "",
        words=words,
        count=len(ranked),
        has_more=len(ranked) >= ANY_MATCHES,
    )


def place_of(row: tuple[int, float, float]) -> tuple[float, float, int]:
    """Where it stands in the order of results: the greater, the earlier."""
    pk, rank, published = row
    return rank, published, pk


def read_place(after: str) -> tuple[float, float, int] | None:
    """Odd input means the first page."""
    parts = after.split("_")
    if len(after) > 80 or len(parts) != 3 or not (parts[2].isascii() and parts[2].isdigit()):
        return None
    try:
        place = float(parts[0]), float(parts[1]), int(parts[2])
    except ValueError:
        return None
    return place if all(map(isfinite, place)) else None


def as_plain(words: str) -> str:
    """What was typed, with plain quotes and minus signs: phones type curly ones."""
    return _MINUS.sub("-", _PRIVATE.sub(" ", words)).translate(_TYPED)


def articles_with_words(words: str) -> RawSQL:
    """The ids of all articles, drafts too, whose row holds the words: for the desk."""
    words = as_plain(words)[:MOST_CHARACTERS]
    sql = "SELECT id FROM articles_article WHERE search @@ websearch_to_tsquery('english', %s)"
    return RawSQL(sql, [words])  # noqa: S611 a fixed statement, the words beside it


def candidates(words: str, topic: Topic | None) -> list[tuple[int, float, float]]:
    """``(id, rank, moment of publication)``, best first."""
    with connection.cursor() as cursor:
        cursor.execute(*candidates_query(words, topic))
        return cursor.fetchall()


def candidates_query(words: str, topic: Topic | None) -> tuple[str, dict]:
    """The statement and its parameters, for the cursor and for the benchmark."""
    sql = CANDIDATES.format(query=QUERY, may_be_seen=MAY_BE_SEEN, title=TITLE)
    return sql, {
        "words": words,
        "now": timezone.now(),
        "topic": topic and topic.pk,
        "title_matches": TITLE_MATCHES,
        "any_matches": ANY_MATCHES,
    }


def has_search_words(words: str) -> bool:
    """Whether anything is left once the words that mean nothing are gone."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT numnode({QUERY})", {"words": words})
        return cursor.fetchone()[0] > 0


def extracts(words: str, pks: list[int]) -> dict[int, SafeString]:
    """Where in the text the words stand, for each article."""
    headline = Func(
        Cast(Value("english"), RegConfig()),
        Func(
            Func(
                Concat("body_html", Value(" "), "sources_html", output_field=TextField()),
                Value('<a [^>]*class="cite"[^>]*>[^<]*</a>|<[^>]*>'),
                Value(" "),
                Value("g"),
                function="regexp_replace",
            ),
            Value(CURLY),
            Value(PLAIN),
            function="translate",
        ),
        SearchQuery(words, config="english", search_type="websearch"),
        Value(
            f'StartSel="{START}", StopSel="{STOP}", MaxFragments=2, MaxWords=22, MinWords=9,'
            ' FragmentDelimiter=" … "'
        ),
        function="ts_headline",
        output_field=TextField(),
    )
    rows = Article.objects.filter(pk__in=pks).annotate(extract=headline)
    return {pk: mark(extract) for pk, extract in rows.values_list("pk", "extract")}


def mark(extract: str) -> SafeString:
    """The found words in ``<mark>``, everything escaped here.

    Postgres read the text of HTML, so its entities are turned back into characters first.
    """
    text = with_curly_quotes(html.unescape(" ".join(extract.split())))
    first, *rest = text.split(START)
    marked = format_html_join("", "<mark>{}</mark>{}", (part.partition(STOP)[::2] for part in rest))
    return format_html("{}{}", first.replace(STOP, ""), marked)


def with_curly_quotes(text: str) -> str:
    """As the article has them: the words were found in a text with plain ones."""
    text = re.sub(r"(?<=\w)'", "’", text)
    text = re.sub(rf'(?<![^\s(\[{START}])"', "“", text)
    return text.replace('"', "”")

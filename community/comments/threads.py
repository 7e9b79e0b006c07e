"""Which comments stand on a page, and in which order, at a cost that does not grow.

Threads stand newest first (or oldest first), comments inside a thread by path: a reply under
what it answers, oldest first. A page is a keyset: it starts beside a thread, not at a number.
One statement walks the threads by one index and, for each, its comments by another, and stops
when the page is full; so the page costs the same with fifty comments behind it or a million.
"""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BigIntegerField, Value
from django.db.models.functions import Cast

from advocacy_site.reader_cache import reading_only
from community.members.models.member import death_words

from .models import Comment

MOST_ON_PAGE = 200
# A longer thread shows this many and a link to its own page.
MOST_OF_A_THREAD = 50

# What a page shows of a writer, in the order of Writer's fields.
_WRITER = "id, display_name, handle, relation, relation_is_shown, remembered_at, died_in"
# Of the comments that ``found`` holds. All their writers are fetched at once by key: joined one
# by one, the planner reads the whole table for each of two hundred where that is small.
_SHOW = f"""
SELECT c.id, c.parent_id, c.thread_id, cardinality(c.parent_path) + 1, c.author_id, c.state,
    c.broken_rule, c.created_at, c.stamp,
    CASE WHEN {{visible}} THEN c.html END,
    {", ".join(f"m.{name}" for name in _WRITER.split(", "))}
FROM found c LEFT JOIN (
    SELECT {_WRITER} FROM members_member WHERE id = ANY (ARRAY(SELECT author_id FROM found))
) m ON m.id = c.author_id
"""  # noqa: S608 - put together from the constants above
# What visible_to() says, for the same reader: %(me)s is a member's id or NULL.
_VISIBLE = "(c.state = 'visible' OR (c.state = 'held' AND c.author_id = %(me)s))"
_SHOW_VISIBLE = _SHOW.format(visible=_VISIBLE)
_OF_A_THREAD = "c.path >= ARRAY[roots.thread_id] AND c.path < ARRAY[roots.thread_id + 1]"


def _placed(columns: str, where: str, order: str, most: str, *, own: bool) -> str:
    """The comments that leave a place on this reader's page, in order: a walk of one index that
    holds nothing else, and for a member another of what waits and only she sees."""
    select = (
        f"SELECT {columns} FROM comments_comment c WHERE c.article_id = %(article)s AND {where}"  # noqa: S608
    )
    rest = f"ORDER BY {order} LIMIT {most}"
    for_all = f"{select} AND c.has_place {rest}"
    if not own:
        return for_all
    waiting = "c.author_id = %(me)s AND c.state = 'held' AND NOT c.has_place"
    bare = order.replace("c.", "")
    return f"({for_all}) UNION ALL ({select} AND {waiting} {rest}) ORDER BY {bare} LIMIT {most}"


def page_sql(*, oldest_first=False, own=False) -> str:
    """``own`` for a member, whose own words that wait are among the rows."""
    beyond, direction = (">", "ASC") if oldest_first else ("<", "DESC")
    of_article = f"c.parent_id IS NULL AND c.thread_id {beyond} %(start)s"
    roots = _placed("c.thread_id", of_article, f"c.thread_id {direction}", "%(rows)s", own=own)
    replies = _placed("c.*", _OF_A_THREAD, "c.path", "%(of_a_thread)s", own=own)
    return f"""
WITH roots AS ({roots}), found AS MATERIALIZED (
    SELECT c.* FROM roots CROSS JOIN LATERAL ({replies}) c
    ORDER BY roots.thread_id {direction}, c.path LIMIT %(rows)s
)
{_SHOW_VISIBLE} ORDER BY c.thread_id {direction}, c.path
"""  # noqa: S608 - put together from the constants above


def thread_sql(*, own=False) -> str:
    where = "c.path >= %(start)s::bigint[] AND c.path < ARRAY[%(thread)s + 1]::bigint[]"
    found = _placed("c.*", where, "c.path", "%(rows)s", own=own)
    return f"WITH found AS MATERIALIZED ({found}) {_SHOW_VISIBLE} ORDER BY c.path"


ONE = f"""
WITH found AS (
    SELECT * FROM comments_comment c WHERE c.id = %(id)s AND (c.has_place OR {_VISIBLE})
)
{_SHOW_VISIBLE}
"""  # noqa: S608

# Every kind of id a bigint can hold is smaller than this.
LAST_ID = 2**63 - 2


@dataclass(slots=True)
class Writer:
    """What a page shows of a member; a model of its own for each of 200 costs more than they do."""

    pk: int
    display_name: str
    handle: str
    relation: str
    relation_is_shown: bool
    remembered_at: datetime | None
    died_in: date | None

    @property
    def death_words(self) -> str:
        return death_words(self.died_in) if self.remembered_at else ""


@dataclass(slots=True)
class Row:
    """A comment as a page shows it; ``html`` is None where this reader may not read it."""

    id: int
    parent_id: int | None
    thread_id: int
    depth: int
    author: Writer | None
    state: str
    broken_rule: int | None
    created_at: datetime
    stamp: str
    html: str | None


@dataclass(slots=True)
class Thread:
    id: int
    rows: list[Row]
    has_more: bool = False


@dataclass(slots=True)
class Page:
    """``beyond`` is the key of the next page, or None at the end."""

    threads: list[Thread]
    beyond: int | None
    is_first: bool
    oldest_first: bool

    @property
    def count(self) -> int:
        return sum(len(thread.rows) for thread in self.threads)

    @property
    def is_whole(self) -> bool:
        """Whether these are all comments there are: then they can be counted for nothing."""
        return (
            self.is_first
            and self.beyond is None
            and not any(thread.has_more for thread in self.threads)
        )


def page_of_threads(article_id: int, member=None, *, start=None, oldest_first=False) -> Page:
    """Threads beyond the one named by ``start``, whole where they fit. One query."""
    most = MOST_ON_PAGE + 1
    sql = page_sql(oldest_first=oldest_first, own=member is not None)
    values = {
        "article": article_id,
        "me": member.pk if member else None,
        "start": start if start is not None else (0 if oldest_first else LAST_ID),
        "rows": most,
        "of_a_thread": MOST_OF_A_THREAD + 1,
    }
    with reading_only(f"comments_comment:{article_id}", "members_member"):
        rows = _rows(sql, values)
    threads = [Thread(key, list(group)) for key, group in groupby(rows, lambda row: row.thread_id)]
    is_cut = len(rows) == most
    if is_cut:
        threads.pop()
    for thread in threads:
        if len(thread.rows) > MOST_OF_A_THREAD:
            thread.has_more = True
            thread.rows.pop()
    beyond = threads[-1].id if is_cut else None
    return Page(threads, beyond, is_first=start is None, oldest_first=oldest_first)


def page_of_thread(root: Comment, member=None, *, start: list[int] | None = None):
    """Up to a page of one thread from the path ``start`` on, and the key of the next. One query."""
    rows = _rows(
        thread_sql(own=member is not None),
        {
            "article": root.article_id,
            "thread": root.pk,
            "start": start or [root.pk],
            "me": member.pk if member else None,
            "rows": MOST_ON_PAGE + 1,
        },
    )
    beyond = rows[MOST_ON_PAGE].id if len(rows) > MOST_ON_PAGE else None
    return Thread(root.pk, rows[:MOST_ON_PAGE]), beyond


def one(comment_id: int, member=None) -> Row | None:
    """One comment as this reader sees it, or None where it is not there for them. One query."""
    rows = _rows(ONE, {"id": comment_id, "me": member.pk if member else None})
    return rows[0] if rows else None


def place_on_pages(comment: Comment) -> tuple[str, int | None]:
    """Where a comment stands: ``("first", None)`` on the article's page, ``("page", key)`` on the
    page after that key, ``("thread", first_id)`` on its thread's own page from that comment on.

    Bounded: it looks at one page of ids, never counts what stands before.
    """
    root = comment.thread_id
    before = Comment.objects.filter(
        article_id=comment.article_id,
        has_place=True,
        path__gte=as_path([root]),
        path__lt=as_path(comment.path),
    )
    earlier = list(before.order_by("-path").values_list("pk", flat=True)[:MOST_OF_A_THREAD])
    if len(earlier) >= MOST_OF_A_THREAD:
        # A little of what came before, so that the comment does not stand alone.
        return "thread", earlier[9]
    first_page = page_of_threads(comment.article_id)
    if any(thread.id == root for thread in first_page.threads):
        return "first", None
    return "page", root + 1


def as_path(ids: list[int]) -> Cast:
    """To compare with a path: Postgres takes an array of small numbers for one of integers."""
    return Cast(Value(ids), ArrayField(BigIntegerField()))


def _rows(sql: str, parameters: dict) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found = cursor.fetchall()
    writers, rows = {None: None}, []
    for row in found:
        author = row[4]
        if author not in writers:
            writers[author] = Writer(*row[10:])
        rows.append(Row(*row[:4], writers[author], *row[5:10]))
    return rows

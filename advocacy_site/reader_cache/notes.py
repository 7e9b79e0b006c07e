"""What a page read while it was made, and so what makes it wrong."""

import re
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache

from django.apps import apps
from django.db import connection

from .. import hearing, watched_tables

# Nothing needs it; a mistake of ours would end by itself.
OLDEST_SECONDS = 10 * 60

_here = threading.local()


class Notes:
    """What a page read while it was made. A part of it counts from when the page began, so that
    one question for the next moment serves both."""

    def __init__(self, page: "Notes | None" = None):
        self.tags: set[str] = set()
        self.is_narrowed = False
        self.since = hearing.ours.count
        self.began = page.began if page else datetime.now(UTC)
        self.began_at = time.monotonic()

    def see(self, execute, sql, params, many, context):
        if not self.is_narrowed:
            self.tags.update(tables_in(sql))
        return execute(sql, params, many, context)

    def are_heard_of(self) -> bool:
        """Whether a change of anything in them would be told."""
        return all(tag.partition(":")[0] in watched_tables.tables for tag in self.tags)


@lru_cache(maxsize=2048)
def tables_in(sql) -> frozenset[str]:
    """Every word in a query that is the name of a table of ours."""
    return _all_tables() & frozenset(re.findall(r"\w+", str(sql)))


@lru_cache(maxsize=1)
def _all_tables() -> frozenset[str]:
    return frozenset(model._meta.db_table for model in apps.get_models(include_auto_created=True))


def reads(*tags: str) -> None:
    """Note by hand what the page at work depends on; ``table:key`` or ``table``."""
    if (notes := getattr(_here, "notes", None)) is not None:
        notes.tags.update(tags)
        notes.tags.update(f"{tag.partition(':')[0]}:" for tag in tags if ":" in tag)


@contextmanager
def reading_only(*tags: str):
    """The queries inside depend on these tags, and not on every row of their tables."""
    reads(*tags)
    notes = getattr(_here, "notes", None)
    if notes is None or notes.is_narrowed:
        yield
        return
    notes.is_narrowed = True
    try:
        yield
    finally:
        notes.is_narrowed = False


@contextmanager
def taking(notes: Notes):
    """The queries inside are noted here, and no longer in the notes around."""
    outer = getattr(_here, "notes", None)
    _here.notes = notes
    try:
        with connection.execute_wrapper(notes.see):
            yield
    finally:
        _here.notes = outer


def notes_at_work() -> Notes | None:
    """Those of the page, or part of one, that this thread is making."""
    return getattr(_here, "notes", None)


def may_keep(notes: Notes) -> bool:
    if connection.in_atomic_block and not getattr(hearing.ours, "hears_uncommitted", False):
        return False  # it could show what is never committed
    return (
        hearing.ours.is_whole() and notes.since >= hearing.ours.void_before and notes.are_heard_of()
    )


_next_moment = (-1, None, None)  # hearing.ours.count of the clock, asked for, answer


def right_until(notes: Notes) -> float:
    """When the page is to be made anew although nothing was heard, in seconds since 1970."""
    global _next_moment
    clock = max(hearing.ours.changed.get("clock", 0), hearing.ours.void_before)
    heard_at, after, moment = _next_moment
    if heard_at != clock or after > notes.began or (moment and moment <= notes.began):
        with reading_only(), connection.cursor() as cursor:
            moment = watched_tables.next_moment(cursor, notes.began)
        _next_moment = (clock, notes.began, moment)
    until = time.time() + OLDEST_SECONDS
    return until if moment is None else min(until, moment.timestamp())

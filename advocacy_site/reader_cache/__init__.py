"""The finished page, for readers of whom the site knows nothing.

    @reader_page
    def article(request, slug): ...

``ReaderCache`` stands around the whole application (wsgi.py). A GET without a session, reading
settings, a vote or credentials gets the page of its address, if that is still right. Otherwise the
page is made once, for nobody: the request that makes it carries the address and nothing else of
the reader's, so nothing of anybody can be in it. While it is made, the tables its queries read
are noted; it stays right until ``hearing`` tells that one of them changed, or the clock comes to
the next moment that matters. Where a whole table is too much, code says what it reads::

    with reading_only("comments_comment:17", "members_member"): ...

``cache`` answers and keeps, ``making`` makes a page for nobody, ``finished_page`` is one page,
``notes`` says what it depends on, ``remembering`` keeps parts of pages, ``readers`` tells who gets
theirs alone.

READER_CACHE = False in the settings turns all of this off; nothing else changes.
"""

from .cache import ReaderCache
from .notes import reading_only, reads
from .readers import reader_page
from .remembering import ROOM, page_with_room, remembered

__all__ = [
    "ROOM",
    "ReaderCache",
    "page_with_room",
    "reader_page",
    "reading_only",
    "reads",
    "remembered",
]

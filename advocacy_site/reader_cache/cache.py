"""Around the site: answer with the finished page while it is right, else have it made once."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from django.conf import settings
from django.urls import Resolver404, resolve

from .. import hearing
from ..error_pages import GONE
from .finished_page import Page
from .making import Answer, close, make
from .readers import is_for_one

MOST_BYTES = 12 * 1024 * 1024  # in each process
# A restarting database is waited for this long after it went away; later nobody waits.
PATIENCE_SECONDS = 3


class ReaderCache:
    """WSGI around WSGI."""

    def __init__(self, app):
        self.app = app
        self.pages: OrderedDict[tuple, Page] = OrderedDict()
        self.bytes = 0
        self.lock = threading.Lock()
        self.makers: dict[tuple, threading.Lock] = {}

    def __call__(self, environ, start_response):
        key = key_of(environ)
        if key is None:
            return self.ask(environ, start_response, None)
        page = self.pages.get(key)
        if page is None or not page.is_right():
            hearing.ours.start()  # the first request of a process; afterwards this does nothing
            route = route_of(environ)
            if route is None or not hearing.ours.is_whole():
                return self.ask(environ, start_response, page)
            page = self.make_once(key, environ, route)
        return page.send(environ, start_response)

    def make_once(self, key, environ, route):
        """However many ask at once, one of them makes the page and the others wait for it."""
        with self.lock:
            maker = self.makers.setdefault(key, threading.Lock())
        try:
            with maker:
                old = self.pages.get(key)
                if old is not None and old.is_right():
                    return old
                page = make(self.app, environ, route)
                if isinstance(page, Page) and page.until:
                    self.keep(key, page)
        finally:
            with self.lock:
                self.makers.pop(key, None)
        return page or Later(self, old)

    def keep(self, key, page: Page) -> None:
        with self.lock:
            if old := self.pages.pop(key, None):
                self.bytes -= old.size
            self.pages[key] = page
            self.bytes += page.size
            while self.bytes > MOST_BYTES:
                self.bytes -= self.pages.popitem(last=False)[1].size

    def forget_all(self) -> None:
        with self.lock:
            self.pages.clear()
            self.bytes = 0

    def ask(self, environ, start_response, page: Page | None):
        """Let the site answer. When the database is gone, a reader gets what was right before,
        and one who asks for something else is tried once more."""
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return self.app(environ, start_response)
        if page is not None and hearing.ours.down_since and page.was_right():
            return page.send(environ, start_response, stale=True)
        answer = Answer()
        body = self.app(environ, answer.start)
        if environ.pop(GONE, False):
            close(body)
            if page is not None and page.was_right():
                return page.send(environ, start_response, stale=True)
            wait_for_database()
            return self.app(environ, start_response)
        start_response(answer.status, answer.headers)
        return body


def key_of(environ) -> tuple | None:
    """None: not a page to keep. An address with a query is always made anew."""
    if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or environ.get("QUERY_STRING"):
        return None
    if not settings.READER_CACHE or is_for_one(environ):
        return None
    forwarded = environ.get("HTTP_X_FORWARDED_PROTO") == "https"
    return (
        environ.get("HTTP_HOST", ""),
        environ["PATH_INFO"],
        environ["wsgi.url_scheme"],
        forwarded,
    )


def route_of(environ) -> str | None:
    """The pattern of a reader page, or None for every other address."""
    path = environ["PATH_INFO"]
    if path.startswith((settings.STATIC_URL, settings.MEDIA_URL)):
        return None
    try:
        match = resolve(path.encode("latin-1").decode())
    except (Resolver404, UnicodeError):
        return None
    return f"/{match.route}" if getattr(match.func, "is_reader_page", False) else None


@dataclass(frozen=True)
class Later:
    """The database went away while the page was made."""

    cache: "ReaderCache"
    page: Page | None

    def send(self, environ, start_response):
        return self.cache.ask(environ, start_response, self.page)


def wait_for_database() -> None:
    """While it restarts. Who comes when it has been away for longer is told at once."""
    for _ in range(PATIENCE_SECONDS * 20):
        time.sleep(0.05)
        gone_at = hearing.ours.down_since
        if gone_at is None or time.monotonic() - gone_at > PATIENCE_SECONDS:
            return

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

READER_CACHE = False in the settings turns all of this off; nothing else changes.
"""

import io
import re
import threading
import time
import zlib
from collections import OrderedDict
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, wraps
from hashlib import sha256

import brotli
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.urls import Resolver404, resolve

from . import watched_tables
from .error_pages import GONE
from .hearing import Hearing, connect_as_django
from .request_log import log_kept_page

MOST_BYTES = 12 * 1024 * 1024  # in each process
# A page made this lately may be shown although something changed since: under a hundred
# comments a second it is made twenty times. Part of the 100 ms in which a change must show.
BREATH_SECONDS = 0.04
# Nothing needs it; a mistake of ours would end by itself.
OLDEST_SECONDS = 10 * 60
# A restarting database is waited for this long after it went away; later nobody waits.
PATIENCE_SECONDS = 3

# Set in the environ of a request that carries nothing of any reader's.
FOR_NOBODY = "harbor.for_nobody"
STALE_HEADERS = [("Cache-Control", "no-store"), ("Cache-Status", "harbor; hit; detail=stale")]

hearing = Hearing(connect_as_django)
_here = threading.local()


def reader_page(view):
    """A page that is the same for all readers without a session; GET and 200 only.

    Others get theirs to themselves. Nobody, and no proxy, shows a kept page without asking.
    """

    @wraps(view)
    def answered(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if response.status_code == 200 and request.method in {"GET", "HEAD"}:
            whose = "private" if is_for_one(request.META) else "public"
            response.headers.setdefault("Cache-Control", f"{whose}, no-cache")
        return response

    answered.is_reader_page = True
    return answered


def is_for_one(environ) -> bool:
    """Whether an answer may hold something of the reader's own."""
    if "HTTP_AUTHORIZATION" in environ or "HTTP_HX_REQUEST" in environ:
        return True
    cookies = environ.get("HTTP_COOKIE")
    return bool(cookies) and has_own_cookie(cookies)


def has_own_cookie(cookies: str) -> bool:
    """A session, reading settings, or a vote cast on this device, which its pages show;
    anything that only looks like one counts too."""
    return (
        settings.SESSION_COOKIE_NAME in cookies
        or settings.READING_COOKIE_NAME in cookies
        or settings.VOTE_COOKIE_NAME in cookies
    )


class Notes:
    """What a page read while it was made. A part of it counts from when the page began, so that
    one question for the next moment serves both."""

    def __init__(self, page: "Notes | None" = None):
        self.tags: set[str] = set()
        self.is_narrowed = False
        self.since = hearing.count
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


@dataclass
class Kept:
    """A value, what it read, and until when (seconds since 1970) it is right by the clock."""

    value: object
    notes: Notes
    until: float

    def is_right(self) -> bool:
        if time.time() >= self.until or not hearing.is_whole():
            return False
        return hearing.is_unchanged(self.notes.tags, self.notes.since)


MOST_REMEMBERED = 200
_remembered: OrderedDict[tuple, Kept] = OrderedDict()


def remembered(key: tuple, make):
    """What ``make()`` returns, kept in this process until something it read has changed. For
    what is the same for everyone who asks with this key."""
    if not settings.READER_CACHE:
        return make()
    kept = _remembered.get(key)
    if kept is None or not kept.is_right():
        kept = _make_kept(make)
        _remembered[key] = kept
        while len(_remembered) > MOST_REMEMBERED:
            _remembered.popitem(last=False)
    reads(*kept.notes.tags)
    return kept.value


# Where a page leaves room for the part that changes more often than all the rest of it.
ROOM = "<!-- room -->"


def page_with_room(request, key: tuple, render_rest, render_part):
    """A page whose rest is remembered for readers without a session, and one part made anew.

    Only of a page that is made for nobody: whoever asks without the cache gets theirs whole.
    ``render_rest(leaves_room)`` returns the response of the whole page, or with ROOM in the place
    of the part, which ``render_part(response)`` returns. Where it leaves none, that is the page.
    """
    if FOR_NOBODY not in request.META:
        return render_rest(False)
    response = remembered((*key, request.get_host(), request.scheme), lambda: render_rest(True))
    before, room, after = response.content.partition(ROOM.encode())
    part = render_part(response).encode() if room else b""
    whole = HttpResponse(before + part + after, status=response.status_code)
    whole.headers = response.headers.copy()
    return whole


def _make_kept(make) -> Kept:
    outer = getattr(_here, "notes", None)
    notes = Notes(outer)
    with reading_only():  # the page around it gets the tags of the whole value
        _here.notes = notes
        try:
            with connection.execute_wrapper(notes.see):
                value = make()
        finally:
            _here.notes = outer
        return Kept(value, notes, right_until(notes) if may_keep(notes) else 0)


class Page:
    """A finished body, compressed, with its headers and what it depends on."""

    def __init__(self, body: bytes, headers: list, notes: Notes, until: float, route: str, first):
        """``first``: the encoding asked for now; others are made when somebody asks."""
        self.etag = sha256(body).hexdigest()[:20]
        self.headers, self.notes, self.until, self.route = headers, notes, until, route
        first = "gzip" if first == "identity" else first
        self.bodies = {first: compressed(body, first)}
        self.answers = {}
        self.size = 2 * len(self.bodies[first]) + 4_000  # the other beside it, and the objects

    def is_right(self) -> bool:
        if time.time() >= self.until or not hearing.is_whole():
            return False
        if hearing.is_unchanged(self.notes.tags, self.notes.since):
            return True
        is_new = time.monotonic() - self.notes.began_at < BREATH_SECONDS
        return is_new and self.notes.since >= hearing.void_before

    def was_right(self) -> bool:
        """As far as anybody could hear before the database went away."""
        return hearing.is_unchanged(self.notes.tags, self.notes.since)

    def in_encoding(self, encoding: str) -> tuple[bytes, str, list]:
        """The body, its ETag and all headers; made when first asked for."""
        if encoding not in self.answers:
            body = self.bodies.get(encoding) or compressed(self.raw(), encoding)
            etag = f'"{self.etag}-{encoding}"'
            headers = [*self.headers, ("ETag", etag), ("Vary", "Accept-Encoding")]
            if encoding != "identity":
                headers.append(("Content-Encoding", encoding))
            answer = body, etag, [*headers, ("Content-Length", str(len(body)))]
            if encoding == "identity":
                return answer
            self.bodies[encoding], self.answers[encoding] = body, answer
        return self.answers[encoding]

    def raw(self) -> bytes:
        if "br" in self.bodies:
            return brotli.decompress(self.bodies["br"])
        return zlib.decompress(self.bodies["gzip"], 31)

    def send(self, environ, start_response, *, stale=False):
        began = time.perf_counter()
        method = environ["REQUEST_METHOD"]
        encoding = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        body, etag, headers = self.in_encoding(encoding)
        status = "200 OK"
        if stale:
            headers = [pair for pair in headers if pair[0] not in {"Cache-Control", "ETag"}]
            headers += STALE_HEADERS
        elif etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            status, body = "304 Not Modified", b""
            headers = [pair for pair in headers if pair[0] in {"ETag", "Vary", "Cache-Control"}]
        start_response(status, headers)
        log_kept_page(method, self.route, int(status[:3]), len(body), began, stale)
        return [body] if method == "GET" else []


def compressed(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        return brotli.compress(body, mode=brotli.MODE_TEXT, quality=4)
    if encoding == "gzip":
        packer = zlib.compressobj(4, wbits=31)
        return packer.compress(body) + packer.flush()
    return body


@lru_cache(maxsize=256)
def best_encoding(accepted: str) -> str:
    """Of ``Accept-Encoding``; a weight of nought is a no."""
    offers = {}
    for part in accepted[:300].lower().split(","):
        name, _, weight = part.partition(";")
        offers[name.strip()] = weight.strip().removeprefix("q=").strip("0.") != "" or not weight
    return next((name for name in ("br", "gzip") if offers.get(name)), "identity")


class Answer:
    """What the site says to one request, kept for nobody."""

    def start(self, status, headers, exc_info=None):
        self.status, self.headers = status, headers

    def send(self, environ, start_response):
        start_response(self.status, self.headers)
        return [self.body] if environ["REQUEST_METHOD"] == "GET" else []


@dataclass(frozen=True)
class Later:
    """The database went away while the page was made."""

    cache: "ReaderCache"
    page: Page | None

    def send(self, environ, start_response):
        return self.cache.ask(environ, start_response, self.page)


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
            hearing.start()  # the first request of a process; afterwards this does nothing
            route = route_of(environ)
            if route is None or not hearing.is_whole():
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
        if page is not None and hearing.down_since and page.was_right():
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


def make(app, environ, route):
    """The page, made for nobody; an Answer where it is not one to keep; None: no database."""
    notes, answer, about = Notes(), Answer(), for_nobody(environ)
    _here.notes = notes
    try:
        with connection.execute_wrapper(notes.see):
            response = app(about, answer.start)
            try:
                answer.body = b"".join(response)
            finally:
                close(response)
    finally:
        _here.notes = None
    if GONE in about:
        return None
    headers = keepable_headers(answer)
    if headers is None:
        return answer
    until = right_until(notes) if may_keep(notes) else 0
    first = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
    return Page(answer.body, headers, notes, until, route, first)


def may_keep(notes: Notes) -> bool:
    if connection.in_atomic_block and not getattr(hearing, "hears_uncommitted", False):
        return False  # it could show what is never committed
    return hearing.is_whole() and notes.since >= hearing.void_before and notes.are_heard_of()


# What a page may be made of: the address, and what is the same for every request of this server.
# A list of what is let in, so that nothing a server or proxy adds about a person comes along.
ADDRESS = (
    "HTTP_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "PATH_INFO",
    "QUERY_STRING",
    "SCRIPT_NAME",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
)


def for_nobody(environ) -> dict:
    """The address, and nothing else that the reader's browser sent."""
    about = {name: environ[name] for name in ADDRESS if name in environ}
    about |= {name: value for name, value in environ.items() if name.startswith("wsgi.")}
    about |= {"REQUEST_METHOD": "GET", "REMOTE_ADDR": "127.0.0.1", "wsgi.input": io.BytesIO()}
    about[FOR_NOBODY] = True
    return about


# Said anew for every answer, or about one request only.
OWN_HEADERS = {"content-length", "vary", "etag", "content-encoding", "x-request-id", "date"}


def keepable_headers(answer) -> list | None:
    """None where the answer is not a page that is the same for everyone, whoever asks when."""
    found = {}
    for name, value in answer.headers:
        found[name.lower()] = f"{found.get(name.lower(), '')},{value.lower()}"
    caching = found.get("cache-control", "")
    shared = "public" in caching and "no-store" not in caching and "private" not in caching
    varies = set(re.findall(r"[^\s,]+", found.get("vary", ""))) - {"accept-encoding"}
    policies = (value for name, value in found.items() if "content-security-policy" in name)
    once = "set-cookie" in found or any("'nonce-" in policy for policy in policies)
    if not answer.status.startswith("200 ") or not shared or varies or once:
        return None
    if "content-encoding" in found:
        return None
    return [(name, value) for name, value in answer.headers if name.lower() not in OWN_HEADERS]


_next_moment = (-1, None, None)  # hearing.count of the clock, asked for, answer


def right_until(notes: Notes) -> float:
    """When the page is to be made anew although nothing was heard, in seconds since 1970."""
    global _next_moment
    clock = max(hearing.changed.get("clock", 0), hearing.void_before)
    heard_at, after, moment = _next_moment
    if heard_at != clock or after > notes.began or (moment and moment <= notes.began):
        with reading_only(), connection.cursor() as cursor:
            moment = watched_tables.next_moment(cursor, notes.began)
        _next_moment = (clock, notes.began, moment)
    until = time.time() + OLDEST_SECONDS
    return until if moment is None else min(until, moment.timestamp())


def close(response) -> None:
    getattr(response, "close", nullcontext)()


def wait_for_database() -> None:
    """While it restarts. Who comes when it has been away for longer is told at once."""
    for _ in range(PATIENCE_SECONDS * 20):
        time.sleep(0.05)
        gone_at = hearing.down_since
        if gone_at is None or time.monotonic() - gone_at > PATIENCE_SECONDS:
            return

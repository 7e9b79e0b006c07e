"""One finished page: its bodies, compressed, and its headers."""

import time
import zlib
from functools import lru_cache
from hashlib import sha256

import brotli

from .. import hearing
from ..request_log import log_kept_page
from .notes import Notes

# A page made this lately may be shown although something changed since: under a hundred
# comments a second it is made twenty times. Part of the 100 ms in which a change must show.
BREATH_SECONDS = 0.04
STALE_HEADERS = [("Cache-Control", "no-store"), ("Cache-Status", "harbor; hit; detail=stale")]


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
        if time.time() >= self.until or not hearing.ours.is_whole():
            return False
        if hearing.ours.is_unchanged(self.notes.tags, self.notes.since):
            return True
        is_new = time.monotonic() - self.notes.began_at < BREATH_SECONDS
        return is_new and self.notes.since >= hearing.ours.void_before

    def was_right(self) -> bool:
        """As far as anybody could hear before the database went away."""
        return hearing.ours.is_unchanged(self.notes.tags, self.notes.since)

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

"""A page is made for nobody, and kept only if it is the same for everyone."""

import io
import re
from contextlib import nullcontext

from ..error_pages import GONE
from .finished_page import Page, best_encoding
from .notes import Notes, may_keep, right_until, taking
from .readers import FOR_NOBODY


class Answer:
    """What the site says to one request, kept for nobody."""

    def start(self, status, headers, exc_info=None):
        self.status, self.headers = status, headers

    def send(self, environ, start_response):
        start_response(self.status, self.headers)
        return [self.body] if environ["REQUEST_METHOD"] == "GET" else []


def make(app, environ, route):
    """The page, made for nobody; an Answer where it is not one to keep; None: no database."""
    notes, answer, about = Notes(), Answer(), for_nobody(environ)
    with taking(notes):
        response = app(about, answer.start)
        try:
            answer.body = b"".join(response)
        finally:
            close(response)
    if GONE in about:
        return None
    headers = keepable_headers(answer)
    if headers is None:
        return answer
    until = right_until(notes) if may_keep(notes) else 0
    first = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
    return Page(answer.body, headers, notes, until, route, first)


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


def close(response) -> None:
    getattr(response, "close", nullcontext)()

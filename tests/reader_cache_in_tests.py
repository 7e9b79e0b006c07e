"""With READER_CACHE=1 the whole suite reads through the reader cache.

The test client is then answered as a server would be: ``ReaderCache`` around the site. Most
tests never commit, so no NOTIFY is sent; there every statement that writes is heard at once. In
tests that do commit the real thing listens.
"""

import copy
import re

from django.db import connection
from django.test.client import ClientHandler

from advocacy_site import hearing
from advocacy_site.error_pages import GONE
from advocacy_site.hearing import Hearing, connect_as_django
from advocacy_site.reader_cache import ReaderCache, cache, finished_page, making, remembering

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|TRUNCATE|WITH .*?(INSERT|UPDATE|DELETE)|ROLLBACK)",
                    re.I | re.S)  # fmt: skip


class HearsUncommitted(Hearing):
    hears_uncommitted = True

    def __init__(self):
        super().__init__(connect=None)
        self.forget_everything()

    def start(self):
        pass

    def is_whole(self):
        return True

    def see(self, execute, sql, params, many, context):
        try:
            return execute(sql, params, many, context)
        finally:
            if WRITES.match(str(sql)):
                self.forget_everything()


def read_through_the_cache(monkeypatch, *, commits: bool):
    """A generator for a fixture: until it goes on, clients are answered through the cache."""
    ears = Hearing(connect_as_django) if commits else HearsUncommitted()
    monkeypatch.setattr(hearing, "ours", ears)
    monkeypatch.setattr(finished_page, "BREATH_SECONDS", 0)
    remembering._remembered.clear()
    originals = {}
    without = ClientHandler.__call__
    caches = {}

    def answer(handler, environ):
        def site(about, start_response):
            response = without(handler, about)
            content = b"".join(response) if response.streaming else response.content
            originals[about["PATH_INFO"], about.get("QUERY_STRING", "")] = response
            cookies = [("Set-Cookie", c.OutputString()) for c in response.cookies.values()]
            start_response(f"{response.status_code} x", [*response.items(), *cookies])
            if GONE in about:
                environ[GONE] = True
            return [content]

        if cache.key_of(environ) is None or cache.route_of(environ) is None:
            return without(handler, environ)
        kept = caches.setdefault("cache", ReaderCache(None))
        kept.app = site
        said = making.Answer()
        body = b"".join(kept(environ, said.start))
        original = originals.get((environ["PATH_INFO"], ""))
        if original is None or original.streaming:
            return original
        response = copy.copy(original)
        response.headers = type(original.headers)({})
        for name, value in said.headers:
            if name != "Set-Cookie":
                response.headers[name] = value
        response.status_code = int(said.status.split()[0])
        response._container = [body]
        if "Location" in response.headers:
            response.url = response.headers["Location"]  # what the client follows
        return response

    monkeypatch.setattr(ClientHandler, "__call__", answer)
    if commits:
        yield
        ears.stop()
        return
    with connection.execute_wrapper(ears.see):
        yield

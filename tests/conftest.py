"""The browser of the browser tests, and how strict it is.

A test that takes ``page`` drives a real Chromium against ``live_server`` and fails, whatever
it asserts, when the page wrote an error to the console, threw, broke the content security
policy or asked another origin for anything. A test that provokes an error on purpose (a 404
page is one for the console) says so::

    def test_missing_article(page, expected_console_errors):
        expected_console_errors.append("404")
"""

import os

import pytest

from tests.chromium import INSTALL_HINT, find

CHROMIUM_FLAGS = [
    "--no-sandbox",  # Chromium refuses to be root otherwise
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    # Playwright keeps an event loop in the main thread, where Django then refuses to query.
    # The tests themselves stay synchronous, so nothing runs at the same time.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    if (chromium := find()) is None:
        pytest.fail(INSTALL_HINT)
    return browser_type_launch_args | {"executable_path": chromium, "args": CHROMIUM_FLAGS}


@pytest.fixture
def browser_context_args(browser_context_args, live_server):
    """Pages open relative addresses: ``page.goto("/articles/")``."""
    return browser_context_args | {"base_url": live_server.url}


@pytest.fixture
def expected_console_errors():
    """Parts of console errors that this test provokes on purpose."""
    return []


@pytest.fixture
def complaints(expected_console_errors):
    """What the browser complained about so far; the test fails in the end if anything."""
    found = []
    yield found
    unexpected = [
        complaint
        for complaint in found
        if not any(part in complaint for part in expected_console_errors)
    ]
    assert not unexpected, "the browser complained:\n" + "\n".join(unexpected)


@pytest.fixture
def page(context, live_server, complaints):
    """A page of a new browser context. Every page of that context is watched."""
    context.on("page", lambda page: watch(page, complaints))
    context.on("request", lambda request: watch_origin(request, live_server.url, complaints))
    return context.new_page()


def watch(page, complaints):
    page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
    page.on(
        "console",
        lambda message: (
            complaints.append(f"console {message.type}: {message.text} ({message.location['url']})")
            if message.type == "error"
            else None
        ),
    )


def watch_origin(request, origin, complaints):
    """``data:`` and ``blob:`` addresses ask nobody."""
    if not request.url.startswith((f"{origin}/", "data:", "blob:", "about:")):
        complaints.append(f"request to another origin: {request.url}")


@pytest.fixture(autouse=True)
def _reader_cache(request, monkeypatch, settings):
    """READER_CACHE=1 pytest: every test reads through the cache."""
    database = request.node.get_closest_marker("django_db")
    if os.environ.get("READER_CACHE") != "1" or database is None:
        settings.READER_CACHE = False
        yield
        return
    from tests.reader_cache_in_tests import read_through_the_cache

    settings.READER_CACHE = True
    commits = database.kwargs.get("transaction", False) or "live_server" in request.fixturenames
    yield from read_through_the_cache(monkeypatch, commits=commits)

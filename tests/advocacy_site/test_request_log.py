import json
import logging

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.urls import path

from advocacy_site.request_log import JSON_LOGGING, JsonFormatter


def confirm(request, token):
    return HttpResponse("thank you")


def break_down(request, token):
    raise IntegrityError(
        'duplicate key "member_email"\nDETAIL:  Failing row contains (7, ann@example.com, my\n'
        "scan results).\n"
    )


def refuse(request, token):
    raise PermissionDenied(f"not for {token}")


def not_there(request, token):
    raise Http404(f"no {token}")


def error_page(request, *args, **kwargs):
    return HttpResponse("error", status=500)


urlpatterns = [
    path("confirm/<token>/", confirm),
    path("break/<token>/", break_down),
    path("refuse/<token>/", refuse),
    path("missing/<token>/", not_there),
]
handler500 = error_page
handler404 = lambda request, exception: HttpResponse("not found", status=404)  # noqa: E731
handler403 = lambda request, exception: HttpResponse("forbidden", status=403)  # noqa: E731

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def log(client, capsys):
    """Everything production's logging writes, as the list of its lines."""
    client.raise_request_exception = False
    lines = []

    class Collect(logging.Handler):
        def emit(self, record):
            lines.append(JsonFormatter().format(record))

    collect = Collect()
    loggers = {"": logging.getLogger()} | {
        name: logging.getLogger(name) for name in JSON_LOGGING["loggers"]
    }
    before = {name: (logger.handlers[:], logger.level) for name, logger in loggers.items()}
    for name, logger in loggers.items():
        facts = JSON_LOGGING["root"] if name == "" else JSON_LOGGING["loggers"][name]
        logger.handlers = [collect] if name == "" else []
        logger.setLevel(facts.get("level", "NOTSET"))
    yield lines
    for name, (handlers, level) in before.items():
        loggers[name].handlers = handlers
        loggers[name].setLevel(level)


def test_a_request_is_one_json_line(client, log):
    client.get("/confirm/abc/")
    (line,) = log
    entry = json.loads(line)
    assert entry["method"] == "GET"
    assert entry["path"] == "/confirm/<token>/"
    assert entry["status"] == 200
    assert entry["bytes"] == len("thank you")
    assert entry["milliseconds"] >= 0
    assert len(entry["request"]) == 16


def test_neither_query_nor_token_nor_visitor_is_written(client, log):
    client.get(
        "/confirm/tok3n/?q=metastatic",
        REMOTE_ADDR="203.0.113.9",
        headers={"user-agent": "Particular", "referer": "https://elsewhere.example/"},
    )
    written = "".join(log)
    for private in ("metastatic", "tok3n", "203.0.113.9", "Particular", "elsewhere", "?"):
        assert private not in written


def test_an_unknown_address_is_not_repeated(client, log):
    client.get("/ann@example.com/")
    (line,) = log
    assert json.loads(line)["path"] == "(no such page)"
    assert "ann" not in line


@pytest.mark.parametrize(("address", "status"), [("/refuse/tok3n/", 403), ("/missing/tok3n/", 404)])
def test_a_refusal_is_still_one_line(client, log, address, status):
    client.get(address)
    (line,) = log
    assert json.loads(line)["status"] == status
    assert "tok3n" not in line


def test_an_error_keeps_its_traceback_and_loses_the_people_in_it(client, log):
    client.post("/break/tok3n/", {"text": "my diagnosis"})
    error, request = (json.loads(line) for line in log)
    assert "break_down" in error["traceback"]
    assert error["request"] == request["request"]
    written = "".join(log)
    for private in ("ann@example.com", "scan results", "tok3n", "my diagnosis"):
        assert private not in written


def test_a_made_up_method_is_not_written(client, log):
    client.generic("ANN", "/confirm/abc/")
    assert json.loads(log[-1])["method"] == "(other)"


def test_an_error_page_shows_the_number_that_stands_in_the_log(client, log, settings, monkeypatch):
    from django.views.defaults import server_error

    monkeypatch.setitem(globals(), "handler500", server_error)
    response = client.post("/break/tok3n/")
    number = json.loads(log[-1])["request"]
    assert response.status_code == 500 and number in response.content.decode()

"""One JSON line for each request, and nothing in it about the person who made it.

What someone reads here can tell about their health. So a line has no address of a person or
machine, no query string and no form field, and instead of the path it has the pattern the path
matched: ``emails/confirm/<token>/`` says enough and gives no token away.
"""

import json
import logging
import re
import secrets
import sys
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache

from django.db import connection

logger = logging.getLogger("harbor.request")

# For error pages, which are drawn without knowing the request ({% request_reference %}).
current_id = ContextVar("current_id", default="")


class RequestLogMiddleware:
    """Give the request an id, and log and count the request when it is done."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = secrets.token_hex(8)
        current_id.set(request.id)
        began = time.monotonic()
        queries = Tally()
        with connection.execute_wrapper(queries):
            response = self.get_response(request)
        seconds = time.monotonic() - began
        fields = {
            "method": logged_method(request),
            "path": logged_path(request, response.status_code),
            "status": response.status_code,
            "milliseconds": round(seconds * 1000),
            "queries": queries.count,
            "bytes": None if response.streaming else len(response.content),
            "request": request.id,
        }
        logger.info("request", extra={"fields": fields})
        count(fields, seconds)
        return response


def log_kept_page(method, route, status, size, began, is_stale) -> None:
    """A page that the reader cache answered, ahead of all middleware; counted as well."""
    _counter(method, route, status).inc()
    if not logger.isEnabledFor(logging.INFO):
        return
    now, milliseconds = time.time(), (time.perf_counter() - began) * 1000
    # Written by hand: a record and its JSON cost ten times what answering such a page does.
    line = (
        f'{{"time": "{_second(int(now))}.{int(now % 1 * 1000):03d}+00:00", "level": "info",'
        f' "logger": "harbor.request", "method": "{method}", "path": {_quoted(route)},'
        f' "status": {status}, "milliseconds": {milliseconds:.0f}, "bytes": {size},'
        f' "request": "{secrets.token_hex(8)}", "cache": "{"stale" if is_stale else "hit"}"}}\n'
    )
    sys.stdout.write(line)
    sys.stdout.flush()


@lru_cache(maxsize=256)
def _counter(method, route, status):
    from . import metrics  # asks the settings, which import this module

    return metrics.REQUESTS.labels(method, route, status)


@lru_cache(maxsize=2)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=64)
def _quoted(route: str) -> str:
    return json.dumps(route)


class Tally:
    """Counts the questions to the database while it is installed."""

    count = 0

    def __call__(self, execute, sql, params, many, context):
        self.count += 1
        return execute(sql, params, many, context)


def count(fields: dict, seconds: float) -> None:
    from . import metrics  # asks the settings, which import this module

    method = fields["method"]
    metrics.REQUESTS.labels(method, fields["path"], fields["status"]).inc()
    metrics.SECONDS.labels(method).observe(seconds)
    metrics.QUERIES.labels(method).inc(fields["queries"])


def logged_method(request) -> str:
    """A client may send any word as the method; only the usual ones are written down."""
    usual = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"}
    return request.method if request.method in usual else "(other)"


def logged_path(request, status: int | None = None) -> str:
    """The matched pattern; never the path itself, which may hold a token or an address."""
    if request.resolver_match is not None:
        return "/" + request.resolver_match.route
    return "(no such page)" if status == 404 else "(answered before routing)"


class JsonFormatter(logging.Formatter):
    """One record, one line. Records about a request lose their message, which holds its path."""

    def format(self, record):
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            **self.what_happened(record),
        }
        if record.exc_info:
            line["traceback"] = without_people(self.formatException(record.exc_info))
        return json.dumps(line)  # ASCII only: no odd line separator can split a line

    def what_happened(self, record) -> dict:
        if hasattr(record, "fields"):
            return record.fields
        if (request := getattr(record, "request", None)) is not None:
            return {
                "message": f"answered with {getattr(record, 'status_code', 'an error')}",
                "path": logged_path(request),
                "request": getattr(request, "id", None),
            }
        return {"message": without_people(record.getMessage())}


# Postgres quotes the offending row after DETAIL, a comment's whole text included.
QUOTED_ROW = re.compile(
    r"DETAIL:.*?(?=\n\nThe above exception|\n\nDuring handling|\nCONTEXT:|\Z)", re.DOTALL
)
# "LINE 1: ..." repeats the statement, values and all.
QUOTED_STATEMENT = re.compile(r"^LINE \d+:.*\n *\^?", re.MULTILINE)
# Bounded, so that a long line without any address costs no more than its length.
EMAIL_ADDRESS = re.compile(r"[^\s@<>\"'(),;:=]{1,254}@[^\s@<>\"'(),;:=]{1,254}")


def without_people(text: str) -> str:
    """Leave out what names a person: quoted rows and email addresses."""
    text = QUOTED_STATEMENT.sub("LINE: (left out)\n", text)
    return EMAIL_ADDRESS.sub("(address)", QUOTED_ROW.sub("DETAIL: (left out)", text))


JSON_LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "advocacy_site.request_log.JsonFormatter"}},
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "json",
        },
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stdout"], "level": "WARNING"},
    "loggers": {
        "harbor": {"level": "INFO"},
        # Replaces Django's own handlers, which mail a request's whole environment to ADMINS.
        "django": {"handlers": [], "level": "INFO"},
        # "Not Found: /path" and the like: our own line says it without the path.
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
        # Scanners ask for made-up hosts all day long.
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
    },
}

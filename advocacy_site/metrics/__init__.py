"""Numbers for Prometheus: counted here, read at ``/metrics`` on a port of this machine only.

Counters are kept in shared files (``METRICS_FOLDER``), since the site is several processes.
What can be asked of the database is not counted but asked when somebody reads: each app says
so in its own ``gauges.py``::

    from advocacy_site.metrics import gauge

    @gauge("held_comments", "Comments that wait for a moderator")
    def held_comments():
        return Comment.objects.filter(state="held").count()

No number is about one person: labels hold address patterns, never what matched them.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import autodiscover_modules

if settings.METRICS_FOLDER:
    # The library reads this once, when it is first imported: here.
    settings.METRICS_FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(settings.METRICS_FOLDER)

from prometheus_client import Counter, Histogram

# All have labels, so that a process that counts nothing leaves no file.
REQUESTS = Counter("harbor_requests", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "harbor_request_seconds",
    "Time to make an answer",
    ["method"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
QUERIES = Counter("harbor_queries", "Questions to the database by requests", ["method"])
# "hit", "miss", "stale": pages of the reader cache.
CACHE = Counter("harbor_cache_pages", "Pages the reader cache was asked for", ["outcome"])
MAILS = Counter("harbor_mails", "Mails handed to the relay one by one", ["outcome"])


@dataclass(frozen=True)
class Gauge:
    name: str
    meaning: str
    ask: Callable[[], float]


_gauges: dict[str, Gauge] = {}


def gauge(name: str, meaning: str) -> Callable:
    def register(function):
        _gauges[name] = Gauge(name, meaning, function)
        return function

    return register


def all_gauges() -> list[Gauge]:
    autodiscover_modules("gauges")
    return [_gauges[name] for name in sorted(_gauges)]

"""All numbers as text, and the small server that gives them to this machine."""

import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

from . import all_gauges

logger = logging.getLogger("harbor.metrics")


class FromDatabase:
    """Asks every gauge anew. While the database is away only ``harbor_database_up 0`` is told."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        is_up = True
        for gauge in all_gauges():
            try:
                value = gauge.ask()
            except Error:
                is_up = False
                break
            yield GaugeMetricFamily(f"harbor_{gauge.name}", gauge.meaning, value=value)
        yield GaugeMetricFamily("harbor_database_up", "1 while it answers", value=int(is_up))

    def describe(self):
        return []  # asked at registration, when nobody needs the numbers yet


def registry(database) -> CollectorRegistry:
    numbers = CollectorRegistry()
    if settings.METRICS_FOLDER:
        MultiProcessCollector(numbers, path=str(settings.METRICS_FOLDER))
    else:
        numbers.register(REGISTRY)
    numbers.register(database)
    return numbers


def as_text() -> str:
    return generate_latest(registry(FromDatabase())).decode()


class FromDatabaseInThread(FromDatabase):
    """Each reading has a thread of its own, whose connection nobody would close."""

    def collect(self):
        try:
            yield from super().collect()
        finally:
            connection.close()


def serve(port: int) -> None:
    """Answer on 127.0.0.1 for ever. A port that is taken is tried again every minute."""
    while True:
        try:
            start_http_server(port, addr="127.0.0.1", registry=registry(FromDatabaseInThread()))
            break
        except OSError as error:
            logger.warning("The port %s for metrics is not free: %s", port, error.strerror)
            time.sleep(60)
    while True:
        time.sleep(3600)


def keep_numbers_of(pid: int) -> None:
    """Add what an ended child of ours had counted to one file, and remove its own files."""
    if not settings.METRICS_FOLDER:
        return
    for left in Path(settings.METRICS_FOLDER).glob(f"*_{pid}.db"):
        kind = left.name.partition("_")[0]
        kept = MmapedDict(str(left.with_name(f"{kind}_ended{os.getpid()}.db")))
        for key, value, moment, _ in MmapedDict.read_all_values_from_file(str(left)):
            kept.write_value(key, kept.read_value(key)[0] + value, moment)
        kept.close()
        left.unlink()

"""A child that answers Prometheus, when METRICS_PORT is set."""

import time

from advocacy_site.metrics.serving import serve

from . import children


class Numbers:
    def __init__(self, port: int):
        self.port = port
        self.child: children.Child | None = None
        self.not_before = 0.0

    def look(self) -> None:
        if self.child is not None and self.child.has_ended():
            self.child, self.not_before = None, time.monotonic() + 5
        if self.child is None and time.monotonic() >= self.not_before:
            self.child = children.start(lambda: serve(self.port))

    def stop(self) -> None:
        if self.child is not None:
            self.child.end()

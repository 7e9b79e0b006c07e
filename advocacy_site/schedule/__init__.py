"""What the site does every so often. Each app says it in its own ``jobs.py``::

    from advocacy_site.schedule import every

    @every(minutes=5)
    def send_reply_notices():
        \"\"\"Mail the reply notices that are due.\"\"\"
        return f"Mails sent: {send_due()}"

The docstring's first sentence and what the job returns (a sentence, or nothing) are what
``manage.py jobs`` shows. A job may run twice, and must then do nothing more. One that deletes
takes ``dry_run`` and only counts when it is true.

``running.py`` claims what is due and runs each job in a process of its own, ``listing.py``
says how it went. The moments are the database's: no machine's clock matters.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.utils.module_loading import autodiscover_modules

_jobs: dict[str, "Job"] = {}


@dataclass(frozen=True)
class Job:
    """``name`` is the app's label and the function's name: "comments.forget_old_words"."""

    name: str
    every: timedelta
    limit: timedelta
    function: Callable

    @property
    def purpose(self) -> str:
        return " ".join((self.function.__doc__ or "").split("\n\n")[0].split())

    @property
    def can_rehearse(self) -> bool:
        return "dry_run" in inspect.signature(self.function).parameters

    def run(self, *, dry_run: bool = False) -> str:
        """Do it; raises whatever the job raises."""
        return str(self.function(**({"dry_run": True} if dry_run else {})) or "")


def every(*, limit_minutes: int = 10, **interval) -> Callable:
    """``interval`` as for timedelta; a run of more than ``limit_minutes`` is ended."""

    def register(function):
        app = apps.get_containing_app_config(function.__module__)
        name = f"{app.label}.{function.__name__}"
        limit = timedelta(minutes=limit_minutes)
        _jobs[name] = Job(name, timedelta(**interval), limit, function)
        return function

    return register


def all_jobs() -> dict[str, Job]:
    """Every job of every app, by name."""
    autodiscover_modules("jobs")
    return dict(sorted(_jobs.items()))

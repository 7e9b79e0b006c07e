"""Is everything well? Each check finds what is not, and says what to do about it.

    @check("The worker")
    def worker():
        if nobody_is_alive:
            yield "No worker is alive. Start one: manage.py worker"

A check that raises is a finding too. Nothing here changes anything or needs the site to run.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core import checks, mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from .backups import MANIFEST
from .backups.making import backups_in
from .gauges import ALIVE_WITHIN, oldest_task_seconds
from .models import Worker
from .schedule import all_jobs
from .schedule.listing import in_words, scheduled, sentences

OLDEST_POSTGRES, NEWEST_POSTGRES = 15, 18
FEWEST_FREE_BYTES = 1 << 30
FEWEST_FREE_SHARE = 0.05
OLDEST_BACKUP = timedelta(hours=26)
LONGEST_WAIT = timedelta(minutes=5)


@dataclass
class Finding:
    name: str
    problems: list[str] = field(default_factory=list)


_checks: list[tuple[str, Callable[[], Iterator[str]]]] = []


def check(name: str) -> Callable:
    def register(function):
        _checks.append((name, function))
        return function

    return register


def examine() -> list[Finding]:
    """Run every check, in order; one that cannot be made does not keep the others."""
    return [Finding(name, list(attempt(function))) for name, function in _checks]


def attempt(function) -> Iterator[str]:
    try:
        yield from function()
    except Error as error:
        connection.close()
        yield f"The database did not answer this question ({type(error).__name__})."
    except Exception as error:
        yield f"This could not be checked: {type(error).__name__}: {error}"


def is_production() -> bool:
    return not settings.ALLOW_DEMO_LOGINS


@check("Settings")
def settings_are_safe():
    for message in checks.run_checks(include_deployment_checks=is_production()):
        if message.level >= checks.WARNING and not message.is_silenced():
            yield f"{message.msg} {message.hint or ''} ({message.id})".strip()
    if is_production() and not settings.ADMINS:
        yield "Nobody hears of failed jobs and tasks. Set ADMINS to an address that is read."
    if is_production() and not settings.POSTAL_ADDRESS:
        yield "No letter goes out without an address on paper. Set POSTAL_ADDRESS."
    if is_production() and not settings.VOTE_KEY:
        yield "Ballots are keyed with SECRET_KEY, which can then never change. Set VOTE_KEY."


@check("Database")
def database_is_well():
    try:
        connection.ensure_connection()
    except Error as error:
        connection.close()
        yield f"It does not answer: {str(error).strip()}. Start it, or correct DATABASE_URL."
        return
    major = connection.pg_version // 10_000
    if not OLDEST_POSTGRES <= major <= NEWEST_POSTGRES:
        yield f"It is Postgres {major}; {OLDEST_POSTGRES} to {NEWEST_POSTGRES} are known to work."
    executor = MigrationExecutor(connection)
    if waiting := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield f"{len(waiting)} migrations have not run. Run: manage.py migrate"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool"
        )
        if cursor.fetchone()[0]:
            yield "It is read-only: readers can read, and nobody can write. Find out who set it so."
        cursor.execute(
            "SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity"
        )
        used, most = cursor.fetchone()
        if used > most * 0.8:
            yield f"{used} of {most} connections are in use. Raise max_connections, or run fewer."


@check("Mail")
def mail_server_answers():
    backend = mail.mailers.default
    try:
        backend.open()
        backend.close()
    except Exception as error:
        yield (
            f"The mail server does not take our connection ({type(error).__name__}: {error})."
            " Look at EMAIL_HOST, EMAIL_PORT and its password. Mails are tried again for two hours."
        )


@check("Storage")
def media_can_be_written():
    name = default_storage.save("doctor/test.txt", ContentFile(b"may be deleted"))
    try:
        with default_storage.open(name) as file:
            if file.read() != b"may be deleted":
                yield "What was written to the media folder was not what was read back."
    finally:
        default_storage.delete(name)


@check("Disk")
def disks_have_room():
    for what, folder in (("media", Path(settings.MEDIA_ROOT)), ("var", settings.VAR)):
        place = next(path for path in (folder, *folder.parents) if path.exists())
        disk = shutil.disk_usage(place)
        if disk.free < max(FEWEST_FREE_BYTES, disk.total * FEWEST_FREE_SHARE):
            yield f"Only {disk.free >> 20} MB are free for {what} ({place}). Make room."


@check("Backup")
def backup_is_fresh():
    if settings.BACKUP_FOLDER is None:
        if is_production():
            yield "No backup is made every day. Set BACKUP_FOLDER, on another disk than the site's."
        return
    newest = next(iter(backups_in(settings.BACKUP_FOLDER)), None)
    if newest is None:
        yield "There is no backup yet. Make one: manage.py backup"
    elif (newest / MANIFEST).stat().st_mtime < time.time() - OLDEST_BACKUP.total_seconds():
        yield f"The newest backup is {newest.name}. manage.py jobs says why there is none since."


@check("Worker")
def worker_is_alive():
    if not Worker.objects.filter(seen_at__gt=timezone.now() - ALIVE_WITHIN).exists():
        yield "No worker is alive: no mail, no pictures, no schedule. Start one: manage.py worker"
    waiting = timedelta(seconds=oldest_task_seconds())
    if waiting > LONGEST_WAIT:
        yield f"A task has waited for {in_words(waiting)}. Start another worker or read its log."
    if failed := DBTaskResult.objects.failed().count():
        yield (
            f"{failed} tasks failed for good; the admin shows why. When the cause is gone:"
            " manage.py retry_tasks"
        )


@check("Schedule")
def schedule_is_kept():
    rows = scheduled()
    if len(rows) < len(all_jobs()):
        yield "Some jobs have never been seen by a worker. Start one of this version."
    for row in rows:
        if row.is_overdue or row.failures:
            yield f"{row.name}: {sentences(row)}"

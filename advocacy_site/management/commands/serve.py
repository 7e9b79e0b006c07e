"""``manage.py serve``: everything that ``make run`` promises, in one process plus its children."""

import fcntl
import hashlib
import os
import shutil
import signal
import sys
import time
from io import StringIO
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from advocacy_site import local_postgres, static_storage
from advocacy_site.local_server import (
    LocalServerError,
    Program,
    end_all,
    end_orphans,
    page_status,
    port_gets_free,
)
from advocacy_site.settings.base import ROOT, VAR

WAIT_SECONDS = 60
LOGINS = ("admin@harbor.example", "editor@harbor.example")
PASSWORD = "harbor-demo"  # noqa: S105  # printed on purpose; for demo content only


class Stop(Exception):
    """Somebody asked the run to end."""


class Command(BaseCommand):
    help = "Run the site, its worker and its database on this machine until Ctrl-C."
    requires_system_checks = []  # the site checks itself as it starts

    def add_arguments(self, parser):
        parser.add_argument(
            "--port", type=int, default=os.environ.get("PORT") or "8000", help="default: 8000"
        )
        parser.add_argument("--no-demo", action="store_true", help="leave a new database empty")

    def handle(self, *, port, no_demo, **options):
        self.port = port
        self.no_demo = no_demo
        self.started = float(os.environ.get("HARBOR_STARTED") or time.time())
        sys.stdout.reconfigure(line_buffering=True)
        on_stop_signals(ask_to_stop)
        try:
            with OnlyRun(f"http://localhost:{port}"):
                self.prepare()
                self.run_programs()
        except (LocalServerError, local_postgres.LocalPostgresError) as error:
            raise CommandError(str(error)) from None
        except Stop:
            print("Stopped.")

    def prepare(self):
        shutil.rmtree(settings.METRICS_FOLDER, ignore_errors=True)
        settings.METRICS_FOLDER.mkdir(parents=True)
        # A killed program's threads may hold its port for a moment longer.
        patience = 0
        if end_orphans(VAR):
            print("Ended what an earlier run had left behind.")
            patience = 3
        if not port_gets_free(self.port, patience):
            raise LocalServerError(
                f"Port {self.port} is in use by another program;"
                f" choose another one: make run PORT={self.port + 1}"
            )
        migrate()
        if not settings.DEBUG:
            collect_static()
        if not self.no_demo:
            load_demo_data()
        connection.close()

    def run_programs(self):
        site = Program("The site", site_command(self.port), VAR)
        worker = Program("The worker", worker_command(), VAR)
        programs = [site, worker]
        try:
            site.start()
            self.wait_for_page(site)
            worker.start()
            self.greet()
            watch(programs)
        finally:
            on_stop_signals(signal.SIG_IGN)
            end_all(programs)

    def wait_for_page(self, site):
        deadline = time.monotonic() + WAIT_SECONDS
        while (status := page_status(self.port)) is None:
            if site.has_ended():
                raise LocalServerError("The site did not start. The lines above say why.")
            if time.monotonic() > deadline:
                raise LocalServerError(f"The site did not answer within {WAIT_SECONDS} seconds.")
            time.sleep(0.05)
        if status >= 500:
            print(f"The first page answers with an error ({status}). The lines above say why.")

    def greet(self):
        address = f"http://localhost:{self.port}"
        seconds = time.time() - self.started
        print(
            f"\n  {settings.SITE_NAME} is running: {address}/\n"
            f"  The mail it would send:  {address}/mailbox/\n"
            f"  The editors' desk:       {address}/admin/\n"
            f"  Sign in as {' or '.join(LOGINS)}, password {PASSWORD}\n"
            f"  Ready after {seconds:.1f} seconds. Ctrl-C stops everything.\n"
        )


def on_stop_signals(handler) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, handler)


def ask_to_stop(number, frame):
    """End once: a second Ctrl-C changes nothing, since the end takes seconds at most."""
    on_stop_signals(signal.SIG_IGN)
    raise Stop


class OnlyRun:
    """Hold this checkout's run: two of them would share files and mail."""

    def __init__(self, address: str):
        self.address = address

    def __enter__(self):
        VAR.mkdir(parents=True, exist_ok=True)
        self.file = (VAR / "run.lock").open("a+")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.file.seek(0)
            raise LocalServerError(
                f"This checkout already runs at {self.file.read().strip()};"
                " stop that run first, or use another checkout for a second site."
            ) from None
        self.file.truncate(0)
        self.file.write(self.address)
        self.file.flush()

    def __exit__(self, *_):
        self.file.close()


def migrate() -> None:
    """Bring the database up to date.

    The stamp tells a finished run from one that was cut off after the last migration and
    before permissions were made, which the database alone does not know.
    """
    executor = MigrationExecutor(connection)
    goal = executor.loader.graph.leaf_nodes()
    stamp = VAR / "migrated.stamp"
    if executor.migration_plan(goal) or read(stamp) != f"{database_birth()} {goal}":
        print("Preparing the database ...")
        call_command("migrate", interactive=False, verbosity=0)
        stamp.write_text(f"{database_birth()} {goal}")


def collect_static() -> None:
    """Collect and compress the static files, when any of them changed."""
    stamp = VAR / "static.stamp"
    fingerprint = static_fingerprint()
    if (settings.STATIC_ROOT / "staticfiles.json").exists() and read(stamp) == fingerprint:
        return
    print("Collecting static files ...")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(fingerprint)


def static_fingerprint() -> str:
    """Names, sizes and times of all static sources, the version of Django, and our storage."""
    digest = hashlib.sha256(django.__version__.encode())
    digest.update(Path(static_storage.__file__).read_bytes())
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def load_demo_data() -> None:
    """Load the demo content once for each embedded database.

    A server named by DATABASE_URL never gets it by itself: the demo logins have a password
    that everyone knows, and that database may be a real site's tomorrow.
    """
    if "demo_data" not in get_commands():
        return
    stamp = VAR / "demo-data.stamp"
    birth = database_birth()
    if read(stamp) == birth or not local_postgres.in_use:
        return
    print("Loading demo content ...")
    call_command("demo_data", verbosity=0, stdout=StringIO())
    stamp.write_text(birth)


def database_birth() -> str:
    """When this database got its first table: another database, another moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(applied) FROM django_migrations")
        return str(cursor.fetchone()[0])


def read(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def site_command(port: int) -> list[str]:
    """Granian; with DEBUG=1 Django's own server, which starts anew when a file changes."""
    if settings.DEBUG:
        return [sys.executable, str(ROOT / "manage.py"), "runserver", f"127.0.0.1:{port}"]
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"),
        *("--blocking-threads", str(2 * os.cpu_count() + 1), "--backpressure", "64"),
        *("--workers-kill-timeout", "5", "--working-dir", str(ROOT)),
        "advocacy_site.wsgi:application",
    ]


def worker_command() -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "worker"]


def watch(programs: list[Program]) -> None:
    """Until somebody asks to stop: start again what ends by itself."""
    while True:
        time.sleep(0.5)
        server = local_postgres.in_use
        if server is not None and not server.is_running():
            print("The database ended by itself. Starting it again.")
            server.ensure_running()
        for program in programs:
            if program.has_ended():
                program.restart()

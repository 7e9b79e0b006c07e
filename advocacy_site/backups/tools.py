"""Postgres' own programs, of this machine or of the wheel, on the site's database."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from django.db import connection
from psycopg2.extensions import make_dsn

from advocacy_site.local_postgres import BINARIES

from . import BackupError

NOT_FOR_LIBPQ = {"password", "cursor_factory", "client_encoding"}


@cache
def folder(major: int) -> Path:
    """The programs for a server of this version: its own or the next newer ones.

    pg_dump reads older servers and refuses newer ones.
    """
    system = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/pg_dump")]
    if found := shutil.which("pg_dump"):
        system.append(Path(found).parent)
    versions = sorted((version_of(path), str(path)) for path in [*system, BINARIES])
    for version, path in versions:
        if version >= major and (Path(path) / "psql").exists():
            return Path(path)
    raise BackupError(
        f"No pg_dump here is new enough for Postgres {major}. Install its client programs."
    )


def version_of(path: Path) -> int:
    said = subprocess.run([path / "pg_dump", "--version"], capture_output=True, text=True)
    found = re.search(r"(\d+)[.\d]*", said.stdout)
    return int(found[1]) if found else 0


def command(program: str, *arguments: str) -> list[str]:
    """The program with its way to the database; the password is in the environment only."""
    connection.ensure_connection()
    path = folder(connection.pg_version // 10_000) / program
    given = connection.get_connection_params()
    way = make_dsn(**{key: value for key, value in given.items() if key not in NOT_FOR_LIBPQ})
    return [str(path), f"--dbname={way}", *arguments]


def environment() -> dict[str, str]:
    return os.environ | {"PGPASSWORD": connection.settings_dict["PASSWORD"] or ""}


def run(what: list[str], **options) -> None:
    done = subprocess.run(
        what, env=environment(), stderr=subprocess.PIPE, text=True, check=False, **options
    )
    if done.returncode:
        raise BackupError(f"{Path(what[0]).name} failed: {done.stderr.strip()[-500:]}")

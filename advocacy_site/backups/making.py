"""Make a backup while the site runs."""

import hashlib
import json
import os
import shutil
import tarfile
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from . import DUMP, MANIFEST, MEDIA, digest_of, sums, tools

PREFIX = "harbor-"


def make(folder: Path) -> Path:
    """Write a new backup below ``folder`` and return its place; nothing half made stays.

    The media are copied after the database, so that no row names a file that is missing.
    Raises BackupError or OSError.
    """
    name = f"{PREFIX}{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}"
    place, half = folder / name, folder / f".{name}.half"
    folder.mkdir(parents=True, exist_ok=True)
    half.mkdir(mode=0o700)
    try:
        tables = dump(half / DUMP)
        files = pack(Path(settings.MEDIA_ROOT), half / MEDIA)
        manifest = {
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "postgres": connection.pg_version,
            "tables": tables,
            "files": files,
            "parts": {part: digest_of(half / part) for part in (DUMP, MEDIA)},
        }
        (half / MANIFEST).write_text(json.dumps(manifest, indent=1))
        for part in half.iterdir():
            part.chmod(0o600)
            with part.open("rb") as file:
                os.fsync(file.fileno())
        half.rename(place)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return place


def dump(path: Path) -> dict[str, list]:
    """Dump one moment of the database, and count and sum the tables of the same moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        tools.run(
            tools.command(
                "pg_dump",
                *("--format=custom", "--no-owner", "--no-privileges", "--schema=public"),
                *(f"--snapshot={snapshot}", f"--file={path}"),
            )
        )
        return sums()


def pack(media: Path, archive: Path) -> dict[str, str]:
    """Pack the files; return the checksum of each, by its path below ``media``."""
    found = {}
    with tarfile.open(archive, "w") as tar:
        for path in sorted(media.rglob("*")) if media.exists() else []:
            if not path.is_file():
                continue
            name = path.relative_to(media).as_posix()
            try:
                tar.add(path, arcname=name)
            except FileNotFoundError:
                continue  # deleted while we were at it
    with tarfile.open(archive) as tar:
        for member in tar:
            found[member.name] = hashlib.sha256(tar.extractfile(member).read()).hexdigest()
    return found


def backups_in(folder: Path) -> list[Path]:
    """The finished ones, newest first."""
    return sorted((path.parent for path in folder.glob(f"{PREFIX}*/{MANIFEST}")), reverse=True)


def forget_old(folder: Path, keep: int) -> int:
    """Keep the newest ``keep`` and delete the others; return how many."""
    old = backups_in(folder)[keep:]
    for place in old:
        shutil.rmtree(place)
    return len(old)

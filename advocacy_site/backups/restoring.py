"""Bring a backup into an empty place, and prove that everything has come."""

import hashlib
import json
import subprocess
import tarfile
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from . import DUMP, MANIFEST, MEDIA, BackupError, digest_of, sums, tools

# Written by newer programs for newer servers; older servers do not know it.
UNKNOWN_TO_OLDER = b"SET transaction_timeout = 0;"
LINES_OF_HEAD = 60


def check(place: Path) -> dict:
    """Return the manifest of a backup that is whole; raises BackupError."""
    try:
        manifest = json.loads((place / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise BackupError(f"{place} is no finished backup: {error}") from None
    for part, digest in manifest["parts"].items():
        if not (place / part).exists() or digest_of(place / part) != digest:
            raise BackupError(f"{part} in {place} is damaged. Use an older backup.")
    return manifest


def restore(place: Path) -> dict:
    """Fill the empty database and media folder; return the manifest. Raises BackupError."""
    manifest = check(place)
    be_sure_it_is_empty()
    unpack(place / MEDIA, manifest["files"])
    fill(place / DUMP)
    compare(manifest["tables"])
    return manifest


def be_sure_it_is_empty() -> None:
    if connection.introspection.table_names():
        raise BackupError(
            "This database is not empty, and nothing was changed. Name an empty one in"
            " DATABASE_URL (createdb makes one)."
        )
    media = Path(settings.MEDIA_ROOT)
    if media.exists() and any(path.is_file() for path in media.rglob("*")):
        raise BackupError(f"{media} is not empty, and nothing was changed. Move it away first.")


def fill(dump: Path) -> None:
    """All of the database or nothing of it."""
    reading = subprocess.Popen(
        [tools.command("pg_restore")[0], "--no-owner", "--no-privileges", "--file=-", str(dump)],
        stdout=subprocess.PIPE,
    )
    writing = subprocess.Popen(
        tools.command("psql", "--quiet", "--no-psqlrc", "--single-transaction", *ON_ERROR),
        env=tools.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        pass_on(reading.stdout, writing.stdin)
        writing.stdin.close()
    except BrokenPipeError:
        pass  # psql says why below
    complaint = writing.stderr.read().decode(errors="replace").strip()
    reading.stdout.close()
    if writing.wait() or reading.wait():
        raise BackupError(f"The database could not be filled, and is empty: {complaint[-500:]}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


ON_ERROR = ("--set=ON_ERROR_STOP=1", "--file=-")


def pass_on(source, target) -> None:
    """Leave out what an older server would refuse: it stands in the first lines only."""
    for _ in range(LINES_OF_HEAD):
        line = source.readline()
        if line.strip() == UNKNOWN_TO_OLDER:
            continue
        if line.startswith(b"CREATE SCHEMA public"):
            continue  # every database has it already
        target.write(line)
    while part := source.read(1 << 20):
        target.write(part)


def compare(expected: dict) -> None:
    with transaction.atomic():
        found = sums()
    wrong = [
        table for table in expected.keys() | found.keys() if expected.get(table) != found.get(table)
    ]
    if wrong:
        raise BackupError(
            f"These tables are not what they were: {', '.join(sorted(wrong))}."
            " Do not use this copy."
        )


def unpack(archive: Path, expected: dict[str, str]) -> None:
    media = Path(settings.MEDIA_ROOT)
    media.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        tar.extractall(media, filter="data")
    found = {
        path.relative_to(media).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in media.rglob("*")
        if path.is_file()
    }
    if found != expected:
        raise BackupError("The media files are not what they were. Do not use this copy.")

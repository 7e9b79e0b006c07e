"""The rehearsal: everything is copied, brought into an empty place, and compared."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from advocacy_site import backups
from advocacy_site.backups import making
from advocacy_site.settings.base import ROOT
from tests.factories import make_article
from tests.processes import SETTINGS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    (settings.MEDIA_ROOT / "pictures").mkdir(parents=True)
    (settings.MEDIA_ROOT / "pictures" / "a.png").write_bytes(b"picture" * 1000)
    return make_article(title="Ünïcode, quotes ' and a tab\t")


@pytest.fixture
def empty_database():
    name = connection.settings_dict["NAME"] + "_restored"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield name
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def elsewhere(empty_database, tmp_path):
    """``elsewhere("restore", ...)``: manage.py with that database and an empty media folder."""
    (tmp_path / "elsewhere.py").write_text(
        SETTINGS + f"MEDIA_ROOT = {str(tmp_path / 'media-elsewhere')!r}\n"
    )

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=os.environ
            | {
                "PYTHONPATH": str(tmp_path),
                "DJANGO_SETTINGS_MODULE": "elsewhere",
                "TEST_DATABASE_NAME": empty_database,
            },
            capture_output=True,
            text=True,
        )

    return run


def backup(tmp_path) -> Path:
    return making.make(tmp_path / "backups")


def test_a_backup_restored_elsewhere_is_the_same_site(site, tmp_path, elsewhere):
    place = backup(tmp_path)
    done = elsewhere("restore", str(place))
    assert done.returncode == 0, done.stderr
    assert "Restored and compared" in done.stdout
    assert (tmp_path / "media-elsewhere/pictures/a.png").read_bytes() == b"picture" * 1000
    shown = elsewhere("export_article", site.slug)
    assert site.title.split("\t")[0] in shown.stdout
    assert elsewhere("migrate", "--check").returncode == 0
    # The triggers came along, and the sequences stand where they stood.
    again = elsewhere("demo_data")
    assert again.returncode == 0, again.stderr


def test_a_backup_never_goes_into_a_place_that_is_not_empty(site, tmp_path, elsewhere):
    place = backup(tmp_path)
    with pytest.raises(CommandError, match="not empty, and nothing was changed"):
        call_command("restore", place)
    (tmp_path / "media-elsewhere").mkdir()
    (tmp_path / "media-elsewhere/mine.txt").write_text("mine")
    done = elsewhere("restore", str(place))
    assert done.returncode == 1 and "not empty" in done.stderr


@pytest.mark.parametrize("part", [backups.DUMP, backups.MEDIA])
def test_a_damaged_backup_is_refused_before_anything_is_done(site, tmp_path, part):
    place = backup(tmp_path)
    damaged = bytearray((place / part).read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (place / part).write_bytes(damaged)
    with pytest.raises(CommandError, match=f"{part}.* is damaged"):
        call_command("restore", place, check=True)


def test_a_row_that_did_not_come_along_is_noticed(site, tmp_path, elsewhere):
    place = backup(tmp_path)
    manifest = json.loads((place / backups.MANIFEST).read_text())
    manifest["tables"]["articles_article"][1] = "1"
    (place / backups.MANIFEST).write_text(json.dumps(manifest))
    done = elsewhere("restore", str(place))
    assert done.returncode == 1 and "articles_article" in done.stderr


def test_a_backup_is_for_its_owners_eyes(site, tmp_path):
    place = backup(tmp_path)
    assert place.stat().st_mode & 0o077 == 0
    assert all(part.stat().st_mode & 0o077 == 0 for part in place.iterdir())


def test_a_failed_backup_leaves_nothing_half_made(site, tmp_path, monkeypatch):
    monkeypatch.setattr(making, "pack", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        backup(tmp_path)
    assert list((tmp_path / "backups").iterdir()) == []


def test_only_so_many_are_kept(site, tmp_path):
    for day in range(1, 5):
        old = tmp_path / "backups" / f"harbor-2026-01-0{day}T000000Z"
        old.mkdir(parents=True)
        (old / backups.MANIFEST).write_text("{}")
    call_command("backup", to=tmp_path / "backups", keep=2)
    left = making.backups_in(tmp_path / "backups")
    assert len(left) == 2 and left[1].name == "harbor-2026-01-04T000000Z"

import os
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from advocacy_site import doctor
from advocacy_site.models import ScheduledJob, Worker
from advocacy_site.schedule import running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def well(tmp_path, settings):
    """A site on which nothing is wrong."""
    settings.MEDIA_ROOT = tmp_path
    running.write_down_jobs()
    now = timezone.now()
    Worker.objects.create(id="w", machine="here", pid=1, started_at=now, seen_at=now)


def run():
    said = StringIO()
    try:
        call_command("doctor", stdout=said)
    except SystemExit as ended:
        return said.getvalue(), ended.code
    return said.getvalue(), 0


def test_a_well_site_is_said_to_be_well(well):
    said, code = run()
    assert code == 0, said
    assert said.split("\n")[:-1] == [
        f"{name}: well"
        for name in (
            "Settings",
            "Database",
            "Mail",
            "Storage",
            "Disk",
            "Backup",
            "Worker",
            "Schedule",
            "The secret of votes",
        )
    ]


def test_a_missing_worker_is_found(well):
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    said, code = run()
    assert code == 1 and "No worker is alive" in said and "manage.py worker" in said


def test_a_schedule_that_is_behind_is_found(well):
    ScheduledJob.objects.filter(pk="comments.send_reply_notices").update(
        next_at=timezone.now() - timedelta(hours=2)
    )
    said, code = run()
    assert code == 1 and "comments.send_reply_notices" in said and "OVERDUE by 2 hours" in said


def test_failed_tasks_are_found(well):
    DBTaskResult.objects.create(status="FAILED", run_after=timezone.now(), args_kwargs={})
    said, code = run()
    assert code == 1 and "1 tasks failed for good" in said and "retry_tasks" in said


def test_a_mail_server_that_is_away_is_found(well, settings):
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 9, "timeout": 2},
        }
    }
    said, code = run()
    assert code == 1 and "The mail server does not take our connection" in said


def test_a_media_folder_that_cannot_be_written_is_found(well, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = tmp_path / "file"
    said, code = run()
    assert code == 1 and "Storage: " in said


def test_a_full_disk_is_found(well, monkeypatch):
    monkeypatch.setattr(doctor, "FEWEST_FREE_BYTES", 1 << 60)
    said, code = run()
    assert code == 1 and "MB are free for media" in said


def test_an_old_backup_is_found(well, settings, tmp_path):
    settings.BACKUP_FOLDER = tmp_path / "backups"
    assert "There is no backup yet" in run()[0]
    call_command("run_jobs", only="advocacy_site.back_up", stdout=StringIO())
    assert "Backup: well" in run()[0]
    (manifest,) = settings.BACKUP_FOLDER.glob("*/manifest.json")
    os.utime(manifest, (1, 1))
    assert "The newest backup is harbor-" in run()[0]


def test_a_read_only_database_is_found(well):
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    said, code = run()
    with connection.cursor() as cursor:
        cursor.execute("RESET default_transaction_read_only")
    assert code == 1 and "It is read-only" in said


def test_a_missing_migration_is_found(well):
    known = MigrationRecorder(connection)
    known.record_unapplied("polls", "0003_secrecy")
    try:
        said, code = run()
    finally:
        known.record_applied("polls", "0003_secrecy")
    assert code == 1 and "Run: manage.py migrate" in said


def test_a_database_that_is_away_is_one_finding_and_no_error(well, monkeypatch):
    def away():
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "ensure_connection", away)
    monkeypatch.setattr(connection, "close", lambda: None)
    said, code = run()
    assert code == 1 and "It does not answer: connection refused" in said
    assert "Mail: well" in said

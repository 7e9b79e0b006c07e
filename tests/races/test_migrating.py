"""Migrations beside a running site: one at a time, and none that locks a large table for long."""

import subprocess
import threading
import time
from io import StringIO

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import AddField, AddIndex, AlterField, RunSQL

from advocacy_site import migrating
from tests.processes import start_process, wait_until
from tests.races.locks import count_advisory

__all__ = ["start_process"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def all_tables_are_large(monkeypatch):
    monkeypatch.setattr(migrating, "is_large", lambda table: True)


def found(*operations):
    migration = Migration("0099_test", "polls")
    migration.operations = list(operations)
    state = MigrationExecutor(connection)._create_project_state(with_applied_migrations=True)
    return migrating.long_locks([(migration, False)], state)


LONG = [
    AddIndex("poll", models.Index(fields=["question"], name="a_new_index")),
    AddField("poll", "extra", models.CharField(max_length=9, default="", db_index=True)),
    AlterField("poll", "question", models.IntegerField()),
    RunSQL("CREATE INDEX new_one ON polls_poll (question)"),
    RunSQL("ALTER TABLE polls_poll ALTER COLUMN question TYPE text"),
]
SHORT = [
    AddIndexConcurrently("poll", models.Index(fields=["question"], name="a_new_index")),
    AddField("poll", "extra", models.CharField(max_length=9, default="")),
    RunSQL("CREATE INDEX CONCURRENTLY new_one ON polls_poll (question)"),
    RunSQL("COMMENT ON TABLE polls_poll IS 'polls'"),
]


@pytest.mark.parametrize("operation", LONG, ids=lambda operation: operation.describe())
def test_what_locks_a_large_table_for_long_is_refused(operation, all_tables_are_large):
    (sentence,) = found(operation)
    assert "locks polls_poll" in sentence


@pytest.mark.parametrize("operation", SHORT, ids=lambda operation: operation.describe())
def test_what_is_quick_on_any_table_is_let_through(operation, all_tables_are_large):
    assert found(operation) == []


@pytest.mark.parametrize("operation", LONG, ids=lambda operation: operation.describe())
def test_on_a_small_table_everything_is_quick(operation):
    assert found(operation) == []


def test_large_is_what_the_database_says(monkeypatch):
    assert not migrating.is_large("members_member") and not migrating.is_large("no_such_table")
    monkeypatch.setattr(migrating, "MOST_ROWS", 10)
    assert migrating.is_large("auth_permission")


def test_the_command_says_what_it_refuses_and_does_nothing(monkeypatch):
    monkeypatch.setattr(
        "advocacy_site.management.commands.migrate.long_locks", lambda *_: ["x locks y."]
    )
    with pytest.raises(CommandError, match="x locks y"):
        call_command("migrate", stdout=StringIO(), stderr=StringIO())


MIGRATE = "from django.core.management import call_command\ncall_command('migrate', verbosity=0)"


def test_two_migrations_at_once_do_one_after_the_other(start_process):
    name = connection.settings_dict["NAME"] + "_twice"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        began = time.monotonic()
        both = [start_process(MIGRATE, TEST_DATABASE_NAME=name) for _ in range(2)]
        assert [process.wait(120) for process in both] == [0, 0]
        print(f"two migrations of an empty database at once: {time.monotonic() - began:.1f} s")
        check = (
            "from django.core.management import call_command\ncall_command('migrate', '--check')"
        )
        assert start_process(check, TEST_DATABASE_NAME=name).wait(60) == 0
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_migration_killed_halfway_blocks_no_later_one(start_process):
    code = "import time\nfrom advocacy_site.migrating import alone\n"
    holder = start_process(
        code + "with alone(lambda: None):\n    print('held', flush=True)\n    time.sleep(60)"
    )
    wait_until(count_advisory)
    waited = []
    thread = threading.Timer(1, holder.kill)
    thread.start()
    with migrating.alone(lambda: (waited.append(1), time.sleep(0.1))):
        assert waited
    thread.join()
    assert holder.wait(5) != 0 and isinstance(holder, subprocess.Popen)

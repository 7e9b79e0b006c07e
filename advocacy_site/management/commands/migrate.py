"""Django's own, made safe for a site that is running."""

import time

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from advocacy_site.migrating import alone, long_locks

LOCK_SECONDS = 5


class Command(Migrate):
    help = Migrate.help + (
        " One at a time on a database; refuses what would lock a large table for long; gives up,"
        " with nothing of that migration done, when a table is busy for 5 seconds."
    )

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--allow-long-locks", action="store_true", help="while the site is closed"
        )

    def handle(self, *args, **options):
        with alone(self.wait):
            if not options.pop("allow_long_locks", False):
                self.refuse_long_locks()
            self.set_limits()
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "pgcode", None) != "55P03":
                    raise
                raise CommandError(
                    f"A table was busy for {LOCK_SECONDS} seconds. Nothing of the last migration"
                    " was done, and readers did not wait longer than that. Run it again."
                ) from error

    def wait(self):
        self.stderr.write("Another migration is running. Waiting for it ...")
        time.sleep(0.5)

    def refuse_long_locks(self):
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if found := long_locks(plan, executor._create_project_state(with_applied_migrations=True)):
            raise CommandError(
                "Nothing was migrated, because readers and writers would have to wait:\n"
                + "\n".join(found)
                + "\nWith the site closed: manage.py migrate --allow-long-locks"
            )

    def set_limits(self):
        """A statement may take long; waiting for a lock may not, since all others queue behind."""
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
            cursor.execute("SET statement_timeout = 0")

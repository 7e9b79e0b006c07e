from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from advocacy_site.backups import BackupError, restoring


class Command(BaseCommand):
    help = (
        "Bring a backup into an empty database and media folder, and compare every table and file."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="what manage.py backup printed")
        parser.add_argument("--check", action="store_true", help="only look whether it is whole")

    def handle(self, *, folder, check, **options):
        try:
            manifest = (restoring.check if check else restoring.restore)(folder.absolute())
        except BackupError as error:
            raise CommandError(str(error)) from None
        rows = sum(rows for rows, _ in manifest["tables"].values())
        self.stdout.write(
            f"{'Whole' if check else 'Restored and compared'}: {len(manifest['tables'])} tables,"
            f" {rows} rows, {len(manifest['files'])} files, made at {manifest['made_at']}."
        )
        if not check:
            self.stdout.write("Now run: manage.py migrate, and start site and worker.")

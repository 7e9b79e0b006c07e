from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from advocacy_site.backups import BackupError, making
from advocacy_site.settings.base import VAR


class Command(BaseCommand):
    help = "Copy the database and the media into a new folder, while the site runs."

    def add_arguments(self, parser):
        parser.add_argument(
            "--to", type=Path, default=VAR / "backups", help="where it goes (default: var/backups)"
        )
        parser.add_argument("--keep", type=int, help="delete older backups there but so many")

    def handle(self, *, to, keep, **options):
        if keep is not None and keep < 1:
            raise CommandError("Keep one at least.")
        try:
            place = making.make(to.absolute())
        except (BackupError, OSError) as error:
            raise CommandError(f"No backup was made. {error}") from None
        size = sum(part.stat().st_size for part in place.iterdir())
        self.stdout.write(f"{place} ({size >> 10} KB)")
        if keep:
            self.stdout.write(f"Older ones deleted: {making.forget_old(to, keep)}")

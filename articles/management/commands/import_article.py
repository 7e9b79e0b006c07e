from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from articles.front_matter import BadFile
from articles.importing import import_article


class Command(BaseCommand):
    help = "Import articles from Markdown files with YAML front matter; the same slug updates."

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--create", action="store_true", help="make topics and contributors that are not there"
        )

    def handle(self, *, files, create, **options):
        bad = 0
        for path in files:
            try:
                imported = import_article(path, create=create)
            except BadFile as wrong:
                bad += 1
                for mistake in wrong.mistakes:
                    self.stderr.write(f"{path}:{mistake.line}: {mistake.text}")
            else:
                self.stdout.write(
                    f"{imported.outcome}: {imported.article.get_absolute_url()} ({path})"
                )
        if bad:
            raise CommandError(
                f"{bad} of {len(files)} files refused; nothing of a refused file was written."
            )

"""Lists of words come as text files, one entry on a line."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from community.comments.matching import NotAnEntry, pattern_of
from community.comments.models import ListedWord


class Command(BaseCommand):
    help = "Put the words of a file, one on a line, on the list. What is on it already stays."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--action", choices=ListedWord.Action.values, default="hold")

    def handle(self, *, file, action, **options):
        try:
            lines = file.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"Cannot read {file}: {error}") from error
        entries = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        good = [entry for entry in entries if self.is_entry(entry)]
        before = ListedWord.objects.count()
        ListedWord.objects.bulk_create(
            [ListedWord(text=entry, action=action) for entry in dict.fromkeys(good)],
            ignore_conflicts=True,
            batch_size=1000,
        )
        added = ListedWord.objects.count() - before
        self.stdout.write(f"Added {added} of {len(entries)} entries")

    def is_entry(self, text: str) -> bool:
        try:
            pattern_of(text)
        except NotAnEntry as why:
            self.stderr.write(f"Left out {text!r}: {why}")
            return False
        return True

from django.core.management.base import BaseCommand

from community.comments.retention import forget


class Command(BaseCommand):
    help = "Forget drafts, visits, notices and deleted words that are past their time."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Only count.")

    def handle(self, *, dry_run, **options):
        for what, count in forget(dry_run=dry_run).items():
            self.stdout.write(f"{what}: {count}")

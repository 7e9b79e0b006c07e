from django.core.management.base import BaseCommand

from articles.source_checks import check_all_sources, check_sources


class Command(BaseCommand):
    help = "Ask every address that a published article names whether it still answers."

    def add_arguments(self, parser):
        parser.add_argument("--by-worker", action="store_true", help="leave it to the worker")

    def handle(self, *, by_worker, **options):
        if by_worker:
            check_all_sources.enqueue()
            self.stdout.write("The worker will check them.")
        else:
            self.stdout.write(f"{check_sources(say=self.stdout.write)} do not answer.")

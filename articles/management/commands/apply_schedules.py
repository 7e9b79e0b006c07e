from django.core.management.base import BaseCommand

from articles.due import apply_due
from articles.missed_searches import drop_old_misses


class Command(BaseCommand):
    help = (
        "Let due revisions take effect now instead of with the next reader, and drop the old"
        " words of searches that found nothing. Safe to run as often as you like."
    )

    def handle(self, **options):
        self.stdout.write("Took effect." if apply_due() else "Nothing is due.")
        drop_old_misses()

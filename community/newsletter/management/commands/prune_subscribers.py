from django.core.management.base import BaseCommand

from community.newsletter.consent import forget_unconfirmed
from community.newsletter.notices import remind_unconfirmed


class Command(BaseCommand):
    help = (
        "Remind, once, those who have not confirmed, and forget sign-ups that were not confirmed"
        " in 30 days, address and all. The schedule does it daily; safe to repeat."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *, dry_run, **options):
        self.stdout.write(f"Forgotten: {forget_unconfirmed(dry_run=dry_run)}")
        self.stdout.write(f"Reminded: {remind_unconfirmed(dry_run=dry_run)}")

from django.core.management.base import BaseCommand

from community.newsletter import sending
from community.newsletter.models import Issue


class Command(BaseCommand):
    help = "Hold every letter that is being sent, now. Going on is a press at the editors' desk."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say which")

    def handle(self, *, dry_run, **options):
        for issue in Issue.objects.filter(state=Issue.State.SENDING):
            if dry_run or sending.hold(issue, "An operator held it."):
                self.stdout.write(f"{'Would hold' if dry_run else 'Held'}: {issue}")

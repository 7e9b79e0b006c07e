import time

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection

from community.newsletter.models import Issue
from community.newsletter.sending import send_due

REST_SECONDS = 2


class Command(BaseCommand):
    help = (
        "Start the letters whose minute has come and send what is under way."
        " Any number may run at once; nobody is written to twice."
    )

    def add_arguments(self, parser):
        parser.add_argument("--forever", action="store_true", help="look again every 2 seconds")
        parser.add_argument("--dry-run", action="store_true", help="only say what is due")

    def handle(self, *, forever, dry_run, **options):
        if dry_run:
            for issue in Issue.objects.due():
                self.stdout.write(f"Due: {issue}")
            return
        while True:
            self.once()
            if not forever:
                break
            time.sleep(REST_SECONDS)

    def once(self):
        try:
            send_due(say=self.stdout.write)
        except (OperationalError, InterfaceError) as error:
            self.stderr.write(f"The database did not answer: {error}")
            connection.close()

from django.core.management.base import BaseCommand

from community.comments.notices import send_due


class Command(BaseCommand):
    help = "Mail the reply notices that are due, as the schedule does."

    def handle(self, **options):
        self.stdout.write(f"Mails sent: {send_due()}")

from django.core.management.base import BaseCommand, CommandError

from community.newsletter.consent import erase, note_death, stop
from community.newsletter.models import Subscriber


class Command(BaseCommand):
    help = "Stop all emails to an address, for someone who wrote to us. Safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument("email", help="the whole address")
        deed = parser.add_mutually_exclusive_group()
        deed.add_argument("--died", action="store_true", help="she has died")
        deed.add_argument("--erase", action="store_true", help="delete her details too")
        parser.add_argument("--dry-run", action="store_true", help="change nothing")

    def handle(self, *, email, died, dry_run, **options):
        subscriber = Subscriber.objects.by_address(email.strip()).first()
        if subscriber is None:
            raise CommandError("Nobody with that address is subscribed.")
        if dry_run:
            self.stdout.write(f"Would stop: {subscriber}")
            return
        if options["erase"]:
            changed = erase(subscriber) is not None
        else:
            changed = (note_death if died else stop)(subscriber, page="by an operator")
        self.stdout.write("Done." if changed else "Nothing to change.")

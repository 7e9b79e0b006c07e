from django.core.management.base import BaseCommand

from community.newsletter.digest import make_digest


class Command(BaseCommand):
    help = "Write a letter out of what is new since the last one. Once a day at most."

    def add_arguments(self, parser):
        parser.add_argument("--send", action="store_true", help="send it, instead of a draft")
        parser.add_argument("--dry-run", action="store_true", help="only show it")

    def handle(self, *, send, dry_run, **options):
        issue = make_digest(send=send, dry_run=dry_run)
        if issue is None:
            self.stdout.write("Nothing is new, or today's letter is there already.")
        else:
            self.stdout.write(f"{issue.subject}\n\n{issue.body}" if dry_run else f"Made: {issue}")

import mailbox
import sys

from django.core.management.base import BaseCommand

from community.newsletter.returns import read_returned_mail


class Command(BaseCommand):
    help = (
        "Read bounce and complaint reports: one mail from standard input (as a mail server pipes"
        " it), or all of a Maildir. Safe to repeat."
    )

    def add_arguments(self, parser):
        parser.add_argument("--maildir", help="the folder; mails stay where they are")
        parser.add_argument("--dry-run", action="store_true", help="only count the mails")

    def handle(self, *, maildir, dry_run, **options):
        if maildir:
            sources = [mail.as_bytes() for mail in mailbox.Maildir(maildir, create=False)]
        else:
            sources = [sys.stdin.buffer.read()]
        if dry_run:
            self.stdout.write(f"Mails: {len(sources)}")
            return
        stopped = [address for source in sources for address in read_returned_mail(source)]
        self.stdout.write(f"Stopped: {len(stopped)}")

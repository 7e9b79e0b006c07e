from django.core.management.base import BaseCommand, CommandError

from community.newsletter.lifecycle import NotReady
from community.newsletter.policy_notice import make_policy_notice, next_privacy_policy, words_of


class Command(BaseCommand):
    help = (
        "Tell every confirmed subscriber, once, that the next privacy policy comes, before it is"
        " in force. Makes a draft for the editors; --send sends it. Safe to repeat."
    )

    def add_arguments(self, parser):
        parser.add_argument("--send", action="store_true", help="send it, instead of a draft")
        parser.add_argument("--dry-run", action="store_true", help="only show the words")

    def handle(self, *, send, dry_run, **options):
        version = next_privacy_policy()
        if version is None:
            raise CommandError("No version of the privacy policy has a day to come.")
        if dry_run:
            self.stdout.write(words_of(version))
            return
        try:
            issue = make_policy_notice(version, send=send)
        except NotReady as not_ready:
            raise CommandError(str(not_ready)) from not_ready
        self.stdout.write(f"Made: {issue}" if issue else "This version has its notice already.")

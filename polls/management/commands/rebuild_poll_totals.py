from django.core.management.base import BaseCommand, CommandError

from polls.counting import polls_with_wrong_totals, rebuild_totals


class Command(BaseCommand):
    help = "Prove that every poll's totals are the sum of its ballots; make anew those that differ."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing, fail if wrong")

    def handle(self, *, check, **options):
        wrong = polls_with_wrong_totals()
        for poll in wrong:
            self.stderr.write(f"wrong totals: {poll.slug}")
            if not check:
                rebuild_totals(poll)
        if wrong and check:
            raise CommandError(f"{len(wrong)} polls have wrong totals.")
        self.stdout.write(f"{len(wrong)} rebuilt." if wrong else "Totals and ballots agree.")

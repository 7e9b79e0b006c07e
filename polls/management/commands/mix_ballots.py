from django.core.management.base import BaseCommand

from polls.counting import mix_ballots, polls_to_mix


class Command(BaseCommand):
    help = "Lay ballots anew in random order, so that no copy tells who voted after whom."

    def handle(self, **options):
        mixed = [mix_ballots(poll) for poll in polls_to_mix()]
        self.stdout.write(f"{sum(mixed)} new ballots of {len(mixed)} polls mixed with others.")

from django.core.management.base import BaseCommand

from community.policies.starter import add_starter_texts


class Command(BaseCommand):
    help = "Give each posted text that has none yet a first draft, to be edited in the admin."

    def handle(self, **options):
        for version in add_starter_texts():
            self.stdout.write(f"draft: {version}")

from django.conf import settings
from django.core.management.base import BaseCommand

from advocacy_site.workers.supervisor import Supervisor


class Command(BaseCommand):
    help = (
        "Run tasks and the schedule until asked to stop. Any number may run at once, on any"
        " number of machines; what a killed one held goes to another within a minute."
    )

    def handle(self, **options):
        Supervisor(tasks=True, reload=settings.DEBUG).run()

from django.core.management.base import BaseCommand

from advocacy_site.schedule import all_jobs
from advocacy_site.schedule.listing import how_often, scheduled, sentences


class Command(BaseCommand):
    help = "Say of every job of the schedule how it went, when it runs again, and what is overdue."

    def handle(self, **options):
        rows = {row.name: row for row in scheduled()}
        for job in all_jobs().values():
            row = rows.get(job.name)
            self.stdout.write(self.style.MIGRATE_HEADING(job.name))
            self.stdout.write(f"  {job.purpose}")
            words = f"{how_often(job.every).capitalize()}. No worker has seen it yet."
            self.stdout.write(f"  {sentences(row) if row else words}")

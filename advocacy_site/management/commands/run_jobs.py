from django.core.management.base import BaseCommand, CommandError

from advocacy_site.schedule import all_jobs
from advocacy_site.workers.supervisor import Supervisor


class Command(BaseCommand):
    help = (
        "Run the schedule, each job in a process of its own. Any number may run at once, on any"
        " number of machines. manage.py worker does this too."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--once", action="store_true", help="run what is due now, wait for it, and end"
        )
        parser.add_argument("--only", metavar="NAME", help="run this job now, due or not, and end")
        parser.add_argument(
            "--dry-run", action="store_true", help="let jobs that delete say what they would"
        )

    def handle(self, *, once, only, dry_run, **options):
        if only and only not in all_jobs():
            raise CommandError(f"There is no job {only}. manage.py jobs lists them.")
        if dry_run:
            self.rehearse([all_jobs()[only]] if only else all_jobs().values())
        elif only:
            self.stdout.write(all_jobs()[only].run() or "Done.")
        elif once:
            if not Supervisor().run_what_is_due():
                raise CommandError("Some failed; manage.py jobs says which.")
        else:
            Supervisor().run()

    def rehearse(self, jobs):
        for job in jobs:
            words = job.run(dry_run=True) if job.can_rehearse else "Deletes nothing; not rehearsed."
            self.stdout.write(f"{job.name}: {words}")

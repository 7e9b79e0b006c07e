from django.core.management.base import BaseCommand
from django.utils import timezone
from django_tasks_db.models import DBTaskResult


class Command(BaseCommand):
    help = "Give tasks that failed for good five new tries, when the cause is gone."

    def add_arguments(self, parser):
        parser.add_argument("--only", metavar="PATH", help="only this task: its path as logged")
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *, only, dry_run, **options):
        failed = DBTaskResult.objects.failed()
        if only:
            failed = failed.filter(task_path=only)
        if dry_run:
            self.stdout.write(f"Would try again: {failed.count()}")
            return
        count = failed.update(
            status="READY", worker_ids=[], finished_at=None, run_after=timezone.now()
        )
        self.stdout.write(f"Tried again: {count}")

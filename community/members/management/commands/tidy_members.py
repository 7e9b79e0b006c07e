from django.core.management.base import BaseCommand
from django.utils import timezone

from advocacy_site import ratelimits
from advocacy_site.models import RateLimitCount
from community.members import closing, codes, exporting, memorial
from community.members.models import EmailedCode


class Command(BaseCommand):
    help = (
        "Close accounts whose seven days are over, and delete codes, copies of data, counts"
        " and reports whose time is over. The schedule does it hourly; twice does nothing more."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    def handle(self, *, dry_run, **options):
        now = timezone.now()
        if dry_run:
            self.say(
                "Would close",
                closing.due().count(),
                EmailedCode.objects.filter(expires_at__lt=now).count(),
                exporting.due_for_forgetting().count(),
                RateLimitCount.objects.filter(expires_at__lt=now).count(),
                memorial.old_reports().count(),
            )
            return
        copies, _ = exporting.due_for_forgetting().delete()
        reports, _ = memorial.old_reports().delete()
        self.say(
            "Closed",
            closing.close_due(),
            codes.forget_old_codes(),
            copies,
            ratelimits.forget_expired(),
            reports,
        )

    def say(self, verb, accounts, old_codes, copies, counts, reports):
        plural = "account" if accounts == 1 else "accounts"
        self.stdout.write(
            f"{verb} {accounts} {plural}; old codes: {old_codes};"
            f" copies of data: {copies}; counts of limits: {counts};"
            f" answered reports of deaths: {reports}."
        )

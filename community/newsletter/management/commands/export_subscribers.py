from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from community.newsletter.export import export, exported


class Command(BaseCommand):
    help = (
        "Write as CSV those to whom letters may go. For a list manager, whose name goes on record."
    )

    def add_arguments(self, parser):
        parser.add_argument("--by", required=True, help="email of the list manager who asks")
        parser.add_argument("--why", required=True, help="the reason, kept with the record")
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *, by, why, dry_run, **options):
        member = get_user_model().objects.filter(email__iexact=by, is_active=True).first()
        if member is None or not member.has_perm("newsletter.export_subscribers"):
            raise CommandError("Only a list manager (permission: export subscribers) may do this.")
        if dry_run:
            self.stdout.write(f"Would export: {exported().count()}")
            return
        export(self.stdout, by=member, why=why)

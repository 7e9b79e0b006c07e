from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from advocacy_site.metrics.serving import as_text, serve


class Command(BaseCommand):
    help = (
        "Print the numbers for Prometheus, or serve them on this machine at /metrics."
        " A worker with METRICS_PORT serves them by itself."
    )

    def add_arguments(self, parser):
        parser.add_argument("--serve", action="store_true", help="on METRICS_PORT, until Ctrl-C")

    def handle(self, *, serve: bool, **options):
        if not serve:
            self.stdout.write(as_text())
        elif settings.METRICS_PORT:
            serve_forever(settings.METRICS_PORT)
        else:
            raise CommandError("Set METRICS_PORT, for example to 9464.")


serve_forever = serve

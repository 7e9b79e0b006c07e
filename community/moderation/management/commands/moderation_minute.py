from django.core.management.base import BaseCommand

from community.moderation import alerts, digest, mailing


class Command(BaseCommand):
    help = (
        "What moderators and writers must hear even when a task was lost, and the digest of the"
        " day. Run it every minute; twice does nothing twice."
    )

    def handle(self, **options):
        alerts_sent, messages = alerts.alert_late(), mailing.mail_late()
        digests = digest.send_due()
        self.stdout.write(f"{alerts_sent} alerts, {messages} messages, {digests} digests")

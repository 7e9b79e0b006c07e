from advocacy_site.schedule import every

from . import alerts, digest, mailing, rota


@every(minutes=1)
def send_what_was_lost():
    """Mail alerts about a worry, and messages to writers, whose task was lost."""
    return f"Alerts: {alerts.alert_late()}, messages: {mailing.mail_late()}."


@every(minutes=10)
def send_digest():
    """Mail the queue to the moderators, once a day."""
    return f"Mails sent: {digest.send_due()}."


@every(days=1)
def forget_hand_overs(*, dry_run=False):
    """Delete hand-over notes after 90 days."""
    return f"Hand-over notes: {rota.forget(dry_run=dry_run)}."

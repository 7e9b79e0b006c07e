from django.conf import settings

from advocacy_site.schedule import every

from . import consent, digest, notices, returns, sending

# A letter of hours is sent slice by slice; other workers may be at it too.
SLICE_SECONDS = 50


@every(minutes=1)
def send_letters():
    """Start letters whose minute has come and send on what a worker left."""
    return f"Mails sent: {sending.send_due(seconds=SLICE_SECONDS)}."


@every(days=1)
def prune_subscribers(*, dry_run=False):
    """Forget sign-ups that were not confirmed in 30 days."""
    return f"Forgotten: {consent.forget_unconfirmed(dry_run=dry_run)}."


@every(days=1)
def remind_unconfirmed(*, dry_run=False):
    """Remind, once, who has not confirmed."""
    return f"Reminded: {notices.remind_unconfirmed(dry_run=dry_run)}."


@every(minutes=10)
def read_returns():
    """Read bounces and complaints from RETURNS_MAILDIR."""
    if not settings.RETURNS_MAILDIR:
        return "RETURNS_MAILDIR is not set."
    read, stopped = returns.read_new_mails(settings.RETURNS_MAILDIR)
    return f"Mails read: {read}, addresses stopped: {stopped}."


@every(days=7)
def write_weekly_letter():
    """Write a letter out of what is new, as WEEKLY_LETTER says: a draft, or to be sent."""
    if settings.WEEKLY_LETTER not in {"draft", "send"}:
        return "WEEKLY_LETTER is off."
    issue = digest.make_digest(send=settings.WEEKLY_LETTER == "send")
    return f"Made: {issue}." if issue else "Nothing is new."

from advocacy_site.schedule import every

from . import notices, retention


@every(minutes=3)
def send_reply_notices():
    """Mail the reply notices that are due."""
    return f"Mails sent: {notices.send_due()}."


@every(days=1)
def forget_old_words(*, dry_run=False):
    """Delete drafts, visits, notices and deleted words that are past their time."""
    counts = retention.forget(dry_run=dry_run)
    return ", ".join(f"{what}: {count}" for what, count in counts.items()) + "."

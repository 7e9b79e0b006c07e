"""The one gate for mail to a member.

Everything the site sends to a member by itself goes through ``mail_member``: it asks the
account, at the moment of sending, whether mail may go out. Only codes that someone asked
for a moment ago go past it (codes.py), and not even those to a remembered account.
"""

from advocacy_site import mail

from .models import Member


def mail_member(name: str, member_id: int, context: dict | None = None) -> bool:
    """Send the mail ``name`` to a member; tell whether it went out.

    Asks the database again: a task may run long after it was enqueued, and someone may have
    told us meanwhile that this person has died.
    """
    member = Member.objects.filter(pk=member_id).first()
    if member is None or not member.accepts_mail:
        return False
    mail.send(name, member.email, {"member": member, **(context or {})})
    return True


def may_mail(email: str) -> bool:
    """Whether letters may go to an address: not when an account under it belongs to someone
    who died, or of whom somebody told us so. For apps that mail addresses, not members."""
    return (
        not Member.objects.filter(email__iexact=email)
        .exclude(remembered_at=None, mail_paused_at=None)
        .exists()
    )

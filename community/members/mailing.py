"""The one gate for mail to a member.

Everything the site sends to a member by itself goes through ``mail_member``: it asks the
account, at the moment of sending, whether mail may go out. Only codes that someone asked
for a moment ago go past it (codes.py), and not even those to a remembered account.
"""

import smtplib

from advocacy_site import mail

from .models import Member


class MailNotSent(Exception):
    """The mail server did not take it. Says no more: the table of tasks keeps what failed
    with its whole story, and the server's own answer holds the address."""


def mail_member(name: str, member_id: int, context: dict | None = None, *, own_deed=False) -> bool:
    """Send the mail ``name`` to a member; tell whether it went out.

    ``own_deed``: the account itself did something its owner must hear of (a new sign-in, a new
    password). Anyone can tell us that someone has died, and that pauses letters and notices; it
    must not silence these, or it would cover whoever got into the account.

    Asks the database again: a task may run long after it was enqueued, and someone may have
    told us meanwhile that this person has died.
    """
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        return False
    if not (member.may_sign_in if own_deed else member.accepts_mail):
        return False
    try:
        mail.send(name, member.email, {"member": member, **(context or {})})
    except smtplib.SMTPRecipientsRefused:
        return False  # no such address any more; trying again would change nothing
    except (OSError, smtplib.SMTPException) as error:
        raise MailNotSent(type(error).__name__) from None
    return True


def may_mail(email: str) -> bool:
    """Whether letters may go to an address: not when an account under it belongs to someone
    who died, or of whom somebody told us so. For apps that mail addresses, not members."""
    return (
        not Member.objects.filter(email__iexact=email)
        .exclude(remembered_at=None, mail_paused_at=None)
        .exists()
    )

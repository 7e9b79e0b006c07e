"""Mail that came back: bounces and complaints, from the relay's webhook or from a mailbox.

Either stops letters to that address, keeps the reason for her to see, and lets her be put back
from her settings page. Too many complaints about one letter hold it.
"""

import mailbox
from email import message_from_bytes, policy
from email.utils import parseaddr

from django.db.models import F

from . import consent, sending
from .models import Delivery, Issue, Subscriber

# The mail providers' own line is 0.3 %; with fewer than this many it is chance.
MOST_COMPLAINTS, FEWEST_COMPLAINTS = 0.003, 3


def note_bounce(email: str, reason: str) -> bool:
    """The address does not exist. A full mailbox or a delay is no bounce: callers tell apart."""
    subscriber = Subscriber.objects.filter(email__iexact=email).first()
    return subscriber is not None and consent.note_return(
        subscriber, Subscriber.Returned.BOUNCE, reason
    )


def note_complaint(email: str, reason: str) -> bool:
    """She pressed "this is unwanted" in her mail program."""
    subscriber = Subscriber.objects.filter(email__iexact=email).first()
    if subscriber is None:
        return False
    noted = consent.note_return(subscriber, Subscriber.Returned.COMPLAINT, reason)
    last = Delivery.objects.filter(subscriber=subscriber, state="sent").order_by("-done_at").first()
    if noted and last is not None:
        Issue.objects.filter(pk=last.issue_id).update(complaints=F("complaints") + 1)
        hold_if_unwanted(Issue.objects.get(pk=last.issue_id))
    return noted


def hold_if_unwanted(issue: Issue) -> bool:
    sent = issue.deliveries.filter(state="sent").count()
    if issue.complaints < FEWEST_COMPLAINTS or issue.complaints <= sent * MOST_COMPLAINTS:
        return False
    return sending.hold(
        issue, f"{issue.complaints} of {sent} people marked it as unwanted in their mail program."
    )


def on_tracking(sender, event, esp_name, **kwargs) -> None:
    """A webhook of django-anymail, which checked its signature."""
    if event.event_type == "bounced" and event.reject_reason in {None, "bounced", "invalid"}:
        note_bounce(event.recipient, event.description or event.mta_response or "bounced")
    elif event.event_type == "complained":
        note_complaint(event.recipient, event.description or "complained")


def read_returned_mail(source: bytes) -> list[str]:
    """Take one mail of the bounce mailbox; return the addresses that were stopped by it.

    Reads delivery reports (RFC 3464) and complaint reports (RFC 5965). Anything else is left
    to the person who reads that mailbox.
    """
    message = message_from_bytes(source, policy=policy.default)
    stopped = []
    for part in message.walk():
        match part.get_content_type():
            case "message/delivery-status":
                stopped += filter(None, map(_bounced, part.get_payload()))
            case "message/feedback-report":
                stopped += _complained(message)
    return stopped


def read_new_mails(folder: str) -> tuple[int, int]:
    """Read what is new in a Maildir and mark it as seen: (mails read, addresses stopped).

    Marked after it was read, so a mail may be read twice, which changes nothing.
    """
    maildir = mailbox.Maildir(folder, factory=None, create=False)
    read = stopped = 0
    for key, message in maildir.iteritems():
        if message.get_subdir() == "new":
            stopped += len(read_returned_mail(message.as_bytes()))
            message.set_subdir("cur")
            message.add_flag("S")
            maildir[key] = message
            read += 1
    return read, stopped


def _bounced(block) -> str | None:
    """One recipient's block of a report; only a final failure with a 5.1.x code counts."""
    address = _address(block.get("Final-Recipient") or block.get("Original-Recipient"))
    status = str(block.get("Status", ""))
    failed = str(block.get("Action", "")).lower() == "failed"
    if not (address and failed and status.startswith("5.1.")):
        return None
    reason = str(block.get("Diagnostic-Code", status))
    return address if note_bounce(address, reason) else None


def _complained(message) -> list[str]:
    for part in message.walk():
        if part.get_content_type() == "message/rfc822":
            address = parseaddr(str(part.get_payload(0).get("To", "")))[1]
            if address and note_complaint(address, "A complaint report came by mail."):
                return [address]
    return []


def _address(field) -> str:
    """ "rfc822; wren@example.com" -> "wren@example.com"."""
    return str(field or "").partition(";")[2].strip().strip("<>")

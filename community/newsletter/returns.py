"""Mail that came back: bounces and complaints, from the relay's webhook or from a mailbox.

Either stops letters to that address, keeps the reason for her to see, and lets her be put back
from her settings page. Too many complaints about one letter hold it.
"""

import mailbox
import re
from email import message_from_bytes, policy

from django.utils import timezone

from . import consent, lifecycle, tokens
from .models import Delivery, Issue, Subscriber

# The mail providers' own line is 0.3 %; with fewer than this many it is chance.
MOST_COMPLAINTS, FEWEST_COMPLAINTS = 0.003, 3

CODE = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
# How relays name what passes: a full mailbox, a server that is away, a challenge.
MOST_BYTES = 1_000_000
NOT_FOR_GOOD = ("soft", "transient", "temporary", "challenge", "autoresponder", "dns", "block")
MARK = re.compile(rb"<letter\.(\d{1,18})\.([0-9a-f]{24})@")


def note_bounce(email: str, reason: str) -> bool:
    """The address does not exist. A full mailbox or a delay is no bounce: callers tell apart."""
    subscriber = Subscriber.objects.by_address(email).first()
    return subscriber is not None and consent.note_return(
        subscriber, Subscriber.Returned.BOUNCE, reason
    )


def note_complaint(email: str, reason: str) -> bool:
    """She pressed "this is unwanted" in her mail program."""
    subscriber = Subscriber.objects.by_address(email).first()
    if subscriber is None:
        return False
    noted = consent.note_return(subscriber, Subscriber.Returned.COMPLAINT, reason)
    last = Delivery.objects.filter(subscriber=subscriber, state="sent").order_by("-done_at").first()
    if noted and last is not None:
        Delivery.objects.filter(pk=last.pk).update(complained_at=timezone.now())
        hold_if_unwanted(Issue.objects.get(pk=last.issue_id))
    return noted


def hold_if_unwanted(issue: Issue) -> bool:
    complaints = issue.deliveries.filter(complained_at__isnull=False).count()
    if complaints < FEWEST_COMPLAINTS:
        return False
    sent = issue.deliveries.filter(state="sent").count()
    if complaints <= sent * MOST_COMPLAINTS:
        return False
    return lifecycle.hold_and_tell(
        issue, f"{complaints} of {sent} people marked it as unwanted in their mail program."
    )


def on_tracking(sender, event, esp_name, **kwargs) -> None:
    """A webhook of django-anymail, which checked its signature."""
    if event.event_type == "bounced" and is_for_good(event):
        note_bounce(event.recipient, event.description or event.mta_response or "bounced")
    elif event.event_type == "complained":
        note_complaint(event.recipient, event.description or "complained")


def is_for_good(event) -> bool:
    """Whether a bounce says that the address does not exist. Relays call a full mailbox a bounce
    as well; the code of RFC 3463 decides where there is one, as in the mailbox reader."""
    if event.reject_reason not in {None, "bounced", "invalid"}:
        return False
    if code := CODE.search(f"{event.mta_response or ''} {event.description or ''}"):
        return code[0].startswith("5.1.")
    facts = event.esp_event if isinstance(event.esp_event, dict) else {}
    kind = str(facts.get("Type", "") or facts.get("severity", "")).lower()
    return not any(word in kind for word in NOT_FOR_GOOD)


def read_returned_mail(source: bytes) -> list[str]:
    """Take one mail of the bounce mailbox; return the addresses that were stopped by it.

    Reads delivery reports (RFC 3464) and complaint reports (RFC 5965) that quote the Message-ID
    of a letter of ours: anyone can write to that mailbox, only who got the mail knows its mark.
    Anything else is left to the person who reads the mailbox.
    """
    delivery = quoted_delivery(source)
    if delivery is None:
        return []
    message = message_from_bytes(source, policy=policy.default)
    stopped = []
    for part in message.walk():
        match part.get_content_type():
            case "message/delivery-status":
                stopped += [
                    address
                    for block in part.get_payload()
                    if (address := _bounced(block, delivery.subscriber))
                ]
            case "message/feedback-report":
                email = delivery.subscriber.email
                if note_complaint(email, "A complaint report came by mail."):
                    stopped.append(email)
    return stopped


def quoted_delivery(source: bytes) -> Delivery | None:
    """Of the first mark that is ours; None for a forgery, or where she is erased."""
    for mark in MARK.finditer(source[:MOST_BYTES]):
        number = tokens.delivery_marked(mark[1].decode(), mark[2].decode())
        if number is not None:
            found = Delivery.objects.select_related("subscriber")
            return found.filter(pk=number, subscriber__isnull=False).first()
    return None


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


def _bounced(block, subscriber: Subscriber) -> str | None:
    """One recipient's block of a report; only a final failure with a 5.1.x code counts, and
    only hers."""
    address = _address(block.get("Final-Recipient") or block.get("Original-Recipient"))
    status = str(block.get("Status", ""))
    failed = str(block.get("Action", "")).lower() == "failed"
    if not (failed and status.startswith("5.1.")):
        return None
    if address.lower() != subscriber.email.lower():
        return None
    reason = str(block.get("Diagnostic-Code", status))
    return address if note_bounce(address, reason) else None


def _address(field) -> str:
    """ "rfc822; wren@example.com" -> "wren@example.com"."""
    return str(field or "").partition(";")[2].strip().strip("<>")

"""Two workers carry one letter to a mail server that does everything mail servers do at once."""

import time
from collections import Counter

import pytest
from django.utils import timezone

from community.newsletter import sending
from community.newsletter.models import Delivery, Issue, Subscriber
from tests.factories import make_issue
from tests.mail_server import running_mail_server
from tests.processes import start_process, wait_until

__all__ = ["start_process"]

pytestmark = pytest.mark.django_db(transaction=True)

RECIPIENTS = 600
SETTINGS = """
from tests.mail_server import mailers
MAILERS = mailers(int(os.environ["MAIL_PORT"]))
"""
# The waits between tries are shorter here, all else is as it runs.
WORK = """
from community.newsletter import carrier
carrier.BACK_OFF_SECONDS[:] = [1, 1, 1, 1]
from django.core.management import call_command
call_command("send_due", "--forever")
"""


def number(address: str) -> int:
    return int(address.removeprefix("reader").partition("@")[0])


class BadDay:
    """What each address meets: some an answer for good, some a refusal that passes."""

    gone, full, dropped, late, closed = 10, 35, 60, 85, 95  # of each hundred

    def __init__(self):
        self.met = Counter()

    def at_recipient(self, address):
        self.met[address] += 1
        match number(address) % 100:
            case self.gone:
                return "550 5.1.1 No such user"
            case self.full:
                return "552 5.2.2 Mailbox full"
            case self.late if self.met[address] <= 2:
                return "451 4.7.1 Try later"
            case self.closed if self.met[address] <= 1:
                return "421 4.7.0 Too many, closing"

    def at_text(self, address):
        return self.take_and_drop if number(address) % 100 == self.dropped else None

    @staticmethod
    async def take_and_drop(handler, server, envelope):
        handler.take(envelope)
        server.transport.abort()
        return "250 too late"


def numbers(**state) -> set[int]:
    found = Delivery.objects.filter(**state).values_list("subscriber__email", flat=True)
    return {number(address) for address in found}


def test_each_gets_it_once_or_an_editor_reads_why_not(start_process):
    Subscriber.objects.bulk_create(
        Subscriber(email=f"reader{n}@example.com", wants_letter=True, confirmed_at=timezone.now())
        for n in range(RECIPIENTS)
    )
    issue, day = make_issue(), BadDay()
    with running_mail_server() as mail:
        mail.answers |= {"RCPT": day.at_recipient, "DATA": day.at_text}
        sending.start(issue)
        began = time.monotonic()
        for _ in range(2):
            start_process(WORK, SETTINGS, MAIL_PORT=str(mail.port))
        wait_until(lambda: Issue.objects.get().state != "sending", 180, "the letter never ended")
        seconds = time.monotonic() - began

    def every_hundredth(place):
        return set(range(place, RECIPIENTS, 100))

    assert Issue.objects.get().state == "sent"
    received = Counter(number(str(message["To"])) for message in mail.mails)
    assert max(received.values()) == 1, "someone got it twice"
    assert numbers(state="failed") == every_hundredth(day.gone) | every_hundredth(day.full)
    assert numbers(state="doubtful") == every_hundredth(day.dropped) <= received.keys()
    assert numbers(state="sent") == received.keys() - every_hundredth(day.dropped)
    assert received.keys() == set(range(RECIPIENTS)) - numbers(state="failed")
    assert numbers(subscriber__returned="bounce") == every_hundredth(day.gone)
    print(
        f"{RECIPIENTS} people, two workers, {seconds:.1f} s: {len(received)} mails, none twice;"
        f" failed {len(numbers(state='failed'))}, in doubt {len(numbers(state='doubtful'))}"
    )

"""Carrying a letter to the mail server: each recipient once, whatever dies in between.

How a delivery goes
    ``lifecycle.start`` makes all rows in one statement: the recipients are fixed then. A worker
    claims a batch (SKIP LOCKED, so several workers never meet). Then, person by person, one
    short statement records how the last mail went and begins the next, asking again whether
    the letter still goes out and she still wants it; the mail is sent with no transaction open.

The rule for the doubtful
    A worker that dies, or a connection that breaks after the text was handed over, leaves one
    delivery of which nobody can know whether the mail server took it. It is *not* sent again:
    it is marked "in doubt", counted and shown to the editor, who may send the doubtful again
    (with the same Message-ID) by a press. Reason: a letter that comes twice frightens and
    annoys, one that is missing can be read in the archive; and the choice should be a person's.
    Only where worker and database both died (see ``ledger``) it is a batch and not one.
"""

import time
import uuid
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from . import consent, ledger, lifecycle
from .carrier import MOST_TRIES, REST_SECONDS, Carrier, Outcome, back_off
from .envelope import Envelopes, Person
from .models import Delivery, Issue, Subscriber
from .writing import write_letter

# Too many failures mean that something is wrong with us, not with the addresses.
WATCH_LAST, MOST_FAILURES = 200, 10
# A server that closes the door on one recipient, for so long, has answered.
PATIENCE_WITH_SILENCE = timedelta(days=1)
# Half a minute for a database that is starting again.
DATABASE_WAITS = (0.2, 0.5, 1, 2, 4, 8, 8, 8)


@dataclass
class Worker:
    """Sends one letter until nothing is due. ``end`` is a moment of time.monotonic()."""

    issue: Issue
    end: float | None = None
    name: uuid.UUID = field(default_factory=uuid.uuid4)
    sent: int = 0
    last: Outcome | None = None
    # Recorded since the last claim, so perhaps not on the disk of the database yet.
    fresh: list[Outcome] = field(default_factory=list)
    # The database was away: ``fresh`` must be written once more before anything else.
    owes: bool = False
    unbegun: set[int] = field(default_factory=set)
    carrier: Carrier = field(default_factory=Carrier)

    def run(self) -> int:
        """The letter is read here: what the caller holds may be older than its last change."""
        self.issue = Issue.objects.get(pk=self.issue.pk)
        self.patiently(ledger.take_back, self.issue.pk)
        try:
            with self.carrier:
                self.envelopes = Envelopes(write_letter(self.issue))
                while not self.is_over() and (batch := self.patiently(self.claim)):
                    if not self.send(batch):
                        break
        finally:
            self.patiently(ledger.wait_for_disk, True)
            self.patiently(ledger.forget_marks, self.name)
        self.patiently(lifecycle.finish, self.issue)
        return self.sent

    def is_over(self) -> bool:
        return self.end is not None and time.monotonic() > self.end

    def claim(self) -> list[tuple[int, int, int]]:
        claimed = ledger.claim(self.issue.pk, self.name)
        self.fresh.clear()
        self.unbegun = {delivery for delivery, _, _ in claimed}
        return claimed

    def send(self, batch) -> bool:
        """Send a batch; False when the visit is over: the server is silent, the letter held."""
        left_out = self.patiently(ledger.topics_left_out, [s for _, s, _ in batch])
        try:
            for delivery, subscriber, tries in batch:
                if self.is_over():
                    return True
                if not self.carrier.get_ready():
                    return False
                person = self.patiently(self.record_and_begin, delivery)
                if person is None:
                    if not self.patiently(self.give_back_or_skip, delivery):
                        return False
                    continue
                self.unbegun.discard(delivery)
                self.last = self.deliver(delivery, tries, person, left_out.get(subscriber))
                self.look_at(self.last)
                if self.carrier.is_silent:
                    return False
        finally:
            self.patiently(self.record)
            self.patiently(self.let_go)
            self.patiently(self.hold_if_refused)
        return True

    def deliver(self, delivery, tries, person, left_out) -> Outcome:
        email, key, discreet, text_only = person
        try:
            message = self.envelopes.seal(
                Person(delivery, email, uuid.UUID(str(key)).hex),
                left_out or frozenset(),
                discreet,
                text_only,
            )
        except ValueError:  # an address that no mail header can hold
            return Outcome(delivery, "failed", "No mail header can hold this address.")
        if message is None:
            return Outcome(delivery, "skipped", "Nothing is left without the topics she left out.")
        outcome = self.carrier.carry(delivery, tries, message)
        self.sent += outcome.state == "sent"
        return self.lose_patience(outcome, tries)

    def lose_patience(self, outcome: Outcome, tries: int) -> Outcome:
        """After a day of closed doors each counts as a try, so that the letter comes to an end."""
        is_old = timezone.now() - self.issue.started_at > PATIENCE_WITH_SILENCE
        if outcome.state != "waiting" or outcome.counts_as_try or not is_old:
            return outcome
        state = "waiting" if tries + 1 < MOST_TRIES else "failed"
        return replace(outcome, state=state, counts_as_try=True, wait=back_off(tries))

    # What goes into the database

    def record_and_begin(self, next_one: int | None):
        """One statement, one commit: how the last mail went, and leave to begin the next."""
        rows = self.note(self.last or Outcome(0, "sent"), next_one)
        if self.last is not None:
            self.fresh.append(self.last)
            self.last = None
        return rows[0] if rows else None

    def note(self, last: Outcome, next_one: int | None = None) -> list[tuple]:
        rows = ledger.query(
            ledger.record_and_begin_sql(self.issue),
            state=last.state,
            answer=last.answer,
            tried=int(last.counts_as_try),
            wait=last.wait,
            last=last.delivery,
            next=next_one or 0,
            worker=self.name,
        )
        if last.state == "waiting":
            # Another may have taken us for dead, put this one in doubt and closed the letter.
            lifecycle.reopen(self.issue)
        return rows

    def write_again(self) -> None:
        """After the database came back: what it may have forgotten."""
        for outcome in self.fresh:
            self.note(replace(outcome, counts_as_try=False))
        self.owes = False

    def record(self):
        if self.last is not None:
            self.record_and_begin(None)

    def give_back_or_skip(self, delivery: int) -> bool:
        """Why was there no leave? Either she does not want it any more, or the letter is held."""
        with transaction.atomic():
            is_sending = Issue.objects.filter(pk=self.issue.pk, state=Issue.State.SENDING).exists()
            if is_sending:
                ledger.change(ledger.SKIP, delivery=delivery, worker=self.name)
                self.unbegun.discard(delivery)
        return is_sending

    def let_go(self) -> None:
        """Claims that were not begun go back at once, or after a rest of the mail server."""
        wait = REST_SECONDS if self.carrier.is_silent else 0
        if ledger.let_go(self.issue.pk, self.name, list(self.unbegun), wait):
            lifecycle.reopen(self.issue)
        self.unbegun.clear()

    def patiently(self, ask, *args):
        """Try again while the database restarts; what is in flight stays known in memory, and
        is written before anything new is asked."""
        for wait in (*DATABASE_WAITS, None):
            try:
                if self.owes:
                    self.write_again()
                return ask(*args)
            except (OperationalError, InterfaceError):
                if connection.in_atomic_block or wait is None:
                    raise
                connection.close()
                self.owes = True
                time.sleep(wait)

    # What stops a letter by itself

    def look_at(self, outcome: Outcome) -> None:
        if outcome.is_no_such_mailbox:
            self.patiently(self.note_no_mailbox, outcome)
        if outcome.state in {"failed", "doubtful"}:
            self.patiently(self.record)
            self.patiently(self.hold_if_too_many, outcome)

    def note_no_mailbox(self, outcome: Outcome) -> None:
        subscriber = Subscriber.objects.filter(deliveries=outcome.delivery).first()
        if subscriber is not None:
            consent.note_return(subscriber, Subscriber.Returned.BOUNCE, outcome.answer)

    def hold_if_too_many(self, outcome: Outcome) -> None:
        recent = self.issue.deliveries.filter(
            state__in=["sent", "failed", "doubtful"], done_at__isnull=False
        ).exclude(answer=ledger.WORKER_ENDED)
        if resumed := Issue.objects.values_list("resumed_at", flat=True).get(pk=self.issue.pk):
            recent = recent.filter(done_at__gt=resumed)
        states = list(recent.order_by("-done_at").values_list("state", flat=True)[:WATCH_LAST])
        if len(states) - states.count(Delivery.State.SENT) > MOST_FAILURES:
            lifecycle.hold_and_tell(
                self.issue,
                f"More than {MOST_FAILURES} of the last {WATCH_LAST} mails failed or are in doubt."
                f" The last answer was: {outcome.answer}",
            )

    def hold_if_refused(self) -> None:
        if self.carrier.refusal:
            because = f"The mail server refuses us: {self.carrier.refusal}"
        elif self.carrier.loses_mail:
            because = (
                f"The mail server took {self.carrier.doubts} mails, one after the other, and did"
                " not say what became of them. They are in doubt."
            )
        else:
            return
        lifecycle.hold_and_tell(self.issue, because)

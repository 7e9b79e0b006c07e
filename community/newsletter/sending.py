"""Carrying a letter to the mail server: each recipient once, whatever dies in between.

How a delivery goes
    ``start`` makes all rows in one statement: the recipients are fixed then. A worker claims
    a batch (SKIP LOCKED, so several workers never meet). Then, person by person, one short
    transaction records how the last mail went and begins the next, asking again whether the
    letter still goes out and she still wants it; the mail is sent with no transaction open.

The rule for the doubtful
    A worker that dies, or a connection that breaks after the text was handed over, leaves one
    delivery of which nobody can know whether the mail server took it. It is *not* sent again:
    it is marked "in doubt", counted and shown to the editor, who may send the doubtful again
    (with the same Message-ID) by a press. Reason: a letter that comes twice frightens and
    annoys, one that is missing can be read in the archive; and the choice should be a person's.

What reaches the disk when
    Waiting for the disk at every mail would cost more than the mail. So a claim waits for it,
    and with it everything before; the notes on the mails of one batch do not, and the worker
    keeps them in memory until the next claim. A killed worker loses nothing by that (Postgres
    has the notes), a restarted Postgres neither (the worker writes them again). Only where both
    died at once nobody knows how far the batch came: all of it, at most BATCH, is in doubt.

Time is the database's clock alone, so workers on machines whose clocks differ agree.
"""

import smtplib
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.conf import settings
from django.core.mail import mailers
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from . import consent
from .envelope import Envelopes, Person
from .models import Delivery, Issue, Subscriber
from .models.subscriber import Choice
from .writing import write_letter

BATCH = 50
# A worker that shows no sign of life for so long has died: its claims go back.
LEASE_SECONDS = 40
MOST_TRIES = 5
BACK_OFF_SECONDS = [60, 300, 1800, 7200]
# Too many failures mean that something is wrong with us, not with the addresses.
WATCH_LAST, MOST_FAILURES = 200, 10
MONTH_DAYS = 27

# Whom a letter may go to at this moment. ``s`` is the subscriber.
# ruff: noqa: S608 - every piece of SQL below is a constant of this module
MAY_RECEIVE = """
    s.confirmed_at IS NOT NULL AND s.stopped_at IS NULL AND s.died_at IS NULL AND s.returned = ''
    AND (s.paused_at IS NULL OR s.paused_until <= now())
    AND NOT EXISTS (SELECT 1 FROM members_member m
        WHERE lower(m.email) = lower(s.email) AND m.remembered_at IS NOT NULL)
"""


class NotReady(ValueError):
    """The letter cannot go out; the message says why, in sentences."""


def missing(issue: Issue) -> list[str]:
    """What must be mended before it goes out, a sentence each."""
    sentences = list(write_letter(issue).problems)
    if not settings.POSTAL_ADDRESS:
        sentences.append("Set POSTAL_ADDRESS: no letter goes out without a postal address.")
    if not settings.REPLY_TO_EMAIL:
        sentences.append("Set REPLY_TO_EMAIL: answers must reach a person.")
    return sentences


@transaction.atomic
def schedule(issue: Issue, when) -> bool:
    """Let it go out at that minute. Raises NotReady."""
    issue = locked(issue)
    if not issue.may_change:
        return False
    if sentences := missing(issue):
        raise NotReady(" ".join(sentences))
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.SCHEDULED, scheduled_for=when)
    return True


@transaction.atomic
def unschedule(issue: Issue) -> bool:
    issue = locked(issue)
    if issue.state != Issue.State.SCHEDULED:
        return False
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.DRAFT, scheduled_for=None)
    return True


@transaction.atomic
def start(issue: Issue) -> bool:
    """Fix who gets it, in one statement, and open it for the workers. Raises NotReady."""
    issue = locked(issue)
    if not issue.may_change:
        return False
    if sentences := missing(issue):
        raise NotReady(" ".join(sentences))
    wanted = Choice(issue.kind).field  # a constant of ours, never words from outside
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO newsletter_delivery
                (issue_id, subscriber_id, state, tries, try_after, answer)
            SELECT %s, s.id, 'waiting', 0, now(), ''
            FROM newsletter_subscriber s
            WHERE s.{wanted} AND {MAY_RECEIVE}
            AND (s.how_often = 'every' OR NOT EXISTS (
                SELECT 1 FROM newsletter_delivery d WHERE d.subscriber_id = s.id
                AND d.state = 'sent' AND d.done_at > now() - interval '{MONTH_DAYS} days'))
            ON CONFLICT (issue_id, subscriber_id) DO NOTHING
            """,
            [issue.pk],
        )
    Issue.objects.filter(pk=issue.pk).update(
        state=Issue.State.SENDING, started_at=timezone.now(), held_because=""
    )
    return True


def hold(issue: Issue, because: str) -> bool:
    """No mail is begun from now on; ``resume`` goes on where it stopped."""
    return bool(
        Issue.objects.filter(pk=issue.pk, state=Issue.State.SENDING).update(
            state=Issue.State.PAUSED, held_because=because[:300]
        )
    )


def resume(issue: Issue) -> bool:
    return bool(
        Issue.objects.filter(pk=issue.pk, state=Issue.State.PAUSED).update(
            state=Issue.State.SENDING, held_because="", resumed_at=timezone.now()
        )
    )


def stop_for_good(issue: Issue) -> bool:
    """Whoever has not got it will not."""
    return bool(
        Issue.objects.filter(
            pk=issue.pk, state__in=[Issue.State.SENDING, Issue.State.PAUSED]
        ).update(state=Issue.State.STOPPED, finished_at=timezone.now())
    )


@transaction.atomic
def send_doubtful_again(issue: Issue) -> int:
    """An editor decides that a second copy is better than none."""
    issue = locked(issue)
    count = issue.deliveries.filter(state="doubtful").update(
        state="waiting", worker=None, try_after=timezone.now()
    )
    if count and issue.state == Issue.State.SENT:
        Issue.objects.filter(pk=issue.pk).update(state=Issue.State.SENDING, finished_at=None)
    return count


def locked(issue: Issue) -> Issue:
    return Issue.objects.select_for_update().get(pk=issue.pk)


def send_due(*, seconds: float | None = None, say=lambda line: None) -> int:
    """Start what is scheduled, send what is under way; return how many mails were sent.

    Ends when nothing is due now, or after ``seconds``. Any number may run at once.
    """
    end = time.monotonic() + seconds if seconds else None
    sent = 0
    for issue in Issue.objects.due().order_by("started_at", "pk"):
        if issue.state == Issue.State.SCHEDULED:
            try:
                start(issue)
            except NotReady as not_ready:
                unschedule(issue)
                Issue.objects.filter(pk=issue.pk).update(held_because=str(not_ready)[:300])
                say(f"{issue}: {not_ready}")
                continue
        worker = Worker(issue, end=end)
        sent += worker.run()
        say(f"{issue}: {worker.sent} sent")
    return sent


def next_due():
    """When there is something to send again, or None: the next try, or a claim to take back."""
    open_ones = Delivery.objects.filter(
        issue__state=Issue.State.SENDING, state__in=["waiting", "claimed", "begun"]
    )
    earliest = open_ones.order_by("try_after").values_list("state", "try_after").first()
    if earliest is None:
        return None
    if open_ones.filter(state="waiting", try_after__lte=timezone.now()).exists():
        return timezone.now()
    return max(earliest[1], timezone.now() + timedelta(seconds=5))


@dataclass
class Outcome:
    """How one mail went: the state of its delivery from now on."""

    delivery: int
    state: str
    answer: str = ""
    # Seconds until it is tried again; only for state "waiting".
    wait: int = 0
    counts_as_try: bool = True
    at_recipient: bool = False

    @property
    def is_no_such_mailbox(self) -> bool:
        """550 to the recipient means a dead address, unless its second code (RFC 3463) says
        something else: 5.7.x is about us, not about her."""
        code, _, words = self.answer.partition(" ")
        detail = words.partition(" ")[0]
        return (
            self.at_recipient
            and code == "550"
            and (not detail.startswith("5.") or detail.startswith("5.1."))
        )


RECORD_AND_BEGIN = f"""
WITH recorded AS (
    UPDATE newsletter_delivery SET
        state = %(state)s, answer = %(answer)s, tries = tries + %(tried)s,
        try_after = clock_timestamp() + %(wait)s * interval '1 second',
        worker = CASE WHEN %(state)s = 'waiting' THEN NULL ELSE worker END,
        done_at = CASE WHEN %(state)s = 'waiting' THEN NULL ELSE clock_timestamp() END
    WHERE id = %(last)s AND worker = %(worker)s AND state IN ('claimed', 'begun', 'doubtful')
)
UPDATE newsletter_delivery d SET state = 'begun', claimed_at = clock_timestamp()
FROM newsletter_issue i, newsletter_subscriber s
WHERE d.id = %(next)s AND d.worker = %(worker)s AND d.state IN ('claimed', 'begun')
AND i.id = d.issue_id AND i.state = 'sending'
AND s.id = d.subscriber_id AND s.{{wanted}} AND {MAY_RECEIVE}
RETURNING s.email, s.key, s.is_discreet, s.text_only
"""

CLAIM = """
WITH mine AS (
    SELECT d.id FROM newsletter_delivery d
    WHERE d.issue_id = %(issue)s AND d.state = 'waiting' AND d.try_after <= clock_timestamp()
    ORDER BY d.try_after, d.id LIMIT %(batch)s FOR UPDATE OF d SKIP LOCKED
)
UPDATE newsletter_delivery d SET state = 'claimed', worker = %(worker)s,
    claimed_at = clock_timestamp()
FROM mine, newsletter_issue i
WHERE d.id = mine.id AND i.id = d.issue_id AND i.state = 'sending'
RETURNING d.id, d.subscriber_id, d.tries
"""

# What a dead worker left: the one in flight is in doubt, the others were never begun, unless
# Postgres too was started anew since the claim and may have lost the notes of the batch.
TAKE_BACK = """
UPDATE newsletter_delivery SET
    state = CASE WHEN state = 'begun' OR claimed_at < pg_postmaster_start_time()
        THEN 'doubtful' ELSE 'waiting' END,
    answer = CASE WHEN state = 'begun' OR claimed_at < pg_postmaster_start_time()
        THEN 'The worker ended while this mail was in flight.' ELSE answer END,
    done_at = CASE WHEN state = 'begun' OR claimed_at < pg_postmaster_start_time()
        THEN clock_timestamp() END
WHERE id IN (
    SELECT d.id FROM newsletter_delivery d
    WHERE d.issue_id = %(issue)s AND d.state IN ('claimed', 'begun') AND d.worker IN (
        SELECT o.worker FROM newsletter_delivery o
        WHERE o.issue_id = %(issue)s AND o.state IN ('claimed', 'begun')
        GROUP BY o.worker
        HAVING max(o.claimed_at) < clock_timestamp() - %(lease)s * interval '1 second')
    FOR UPDATE SKIP LOCKED)
"""


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

    def run(self) -> int:
        self.take_back()
        try:
            with Carrier() as self.carrier:
                self.envelopes = Envelopes(write_letter(self.issue))
                while not self.is_over() and (batch := self.patiently(self.claim)):
                    if not self.send(batch):
                        break
        finally:
            self.patiently(lambda: wait_for_disk(True))
        self.patiently(self.finish)
        return self.sent

    def is_over(self) -> bool:
        return self.end is not None and time.monotonic() > self.end

    def claim(self) -> list[tuple[int, int, int]]:
        wait_for_disk(True)
        claimed = query(CLAIM, issue=self.issue.pk, batch=BATCH, worker=self.name)
        self.fresh.clear()
        wait_for_disk(False)
        return claimed

    def send(self, batch) -> bool:
        """Send a batch; False when the mail server would not even talk to us."""
        left_out = topics_left_out([subscriber for _, subscriber, _ in batch])
        try:
            for delivery, subscriber, tries in batch:
                if self.is_over() or self.carrier.is_silent:
                    return not self.carrier.is_silent
                person = self.patiently(lambda: self.record_and_begin(delivery))  # noqa: B023
                if person is None:
                    if not self.give_back_or_skip(delivery):
                        return False
                    continue
                self.last = self.deliver(delivery, tries, person, left_out.get(subscriber))
        finally:
            self.patiently(self.record)
            self.patiently(self.let_go)
        return not self.carrier.is_silent

    def deliver(self, delivery, tries, person, left_out) -> Outcome:
        email, key, discreet, text_only = person
        try:
            message = self.envelopes.seal(
                Person(delivery, email, uuid.UUID(str(key)).hex),
                left_out or frozenset(),
                discreet,
                text_only,
            )
        except ValueError as error:  # an address that no mail header can hold
            return Outcome(delivery, "failed", f"The address cannot be written to: {error}"[:300])
        outcome = self.carrier.carry(delivery, tries, message)
        if outcome.state == "sent":
            self.sent += 1
        elif outcome.state == "failed":
            self.look_at_failure(outcome)
        return outcome

    def record_and_begin(self, next_one: int | None):
        """One statement, one commit: how the last mail went, and leave to begin the next."""
        last = self.last or Outcome(0, "sent")
        rows = self.note(last, next_one)
        if self.last is not None:
            self.fresh.append(self.last)
            self.last = None
        return rows[0] if rows else None

    def note(self, last: Outcome, next_one: int | None = None) -> list[tuple]:
        return query(
            RECORD_AND_BEGIN.format(wanted=Choice(self.issue.kind).field),
            state=last.state,
            answer=last.answer[:300],
            tried=int(last.counts_as_try),
            wait=last.wait,
            last=last.delivery,
            next=next_one or 0,
            worker=self.name,
        )

    def write_again(self) -> None:
        """After the database came back: what it may have forgotten."""
        for outcome in self.fresh:
            self.note(replace(outcome, counts_as_try=False))

    def record(self):
        if self.last is not None:
            self.record_and_begin(None)

    def give_back_or_skip(self, delivery: int) -> bool:
        """Why was there no leave? Either she does not want it any more, or the letter is held."""
        with transaction.atomic():
            is_sending = Issue.objects.filter(pk=self.issue.pk, state=Issue.State.SENDING).exists()
            if is_sending:
                Delivery.objects.filter(pk=delivery, worker=self.name, state="claimed").update(
                    state="skipped", done_at=timezone.now()
                )
        return is_sending

    def let_go(self) -> None:
        """Claims that were not begun go back at once."""
        Delivery.objects.filter(
            issue=self.issue, worker=self.name, state=Delivery.State.CLAIMED
        ).update(state="waiting", worker=None)

    def take_back(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(TAKE_BACK, {"issue": self.issue.pk, "lease": LEASE_SECONDS})
            return cursor.rowcount

    def look_at_failure(self, outcome: Outcome) -> None:
        if outcome.is_no_such_mailbox:
            delivery = Delivery.objects.select_related("subscriber").get(pk=outcome.delivery)
            if delivery.subscriber:
                consent.note_return(delivery.subscriber, Subscriber.Returned.BOUNCE, outcome.answer)
        self.record_failure_and_watch(outcome)

    def record_failure_and_watch(self, outcome: Outcome) -> None:
        self.last = outcome
        self.record()
        recent = self.issue.deliveries.filter(state__in=["sent", "failed"])
        if resumed := Issue.objects.values_list("resumed_at", flat=True).get(pk=self.issue.pk):
            recent = recent.filter(done_at__gt=resumed)
        states = recent.order_by("-done_at").values_list("state", flat=True)[:WATCH_LAST]
        if list(states).count("failed") > MOST_FAILURES:
            hold(
                self.issue,
                f"More than {MOST_FAILURES} of the last {WATCH_LAST} mails failed."
                f" The last answer was: {outcome.answer}",
            )

    def finish(self) -> bool:
        """Nothing waits and nobody is at it: the letter has gone out."""
        left = self.issue.deliveries.filter(state__in=["waiting", "claimed", "begun"])
        with transaction.atomic():
            issue = locked(self.issue)
            if issue.state != Issue.State.SENDING or left.exists():
                return False
            Issue.objects.filter(pk=issue.pk).update(
                state=Issue.State.SENT, finished_at=timezone.now()
            )
        return True

    def patiently(self, ask):
        """Try again while the database restarts; what is in flight stays known in memory."""
        for wait in (0.2, 0.5, 1, 2, 4, 8, 8, 8):
            try:
                return ask()
            except (OperationalError, InterfaceError):
                if connection.in_atomic_block:
                    raise
                connection.close()
                time.sleep(wait)
                with suppress(OperationalError, InterfaceError):
                    self.write_again()
        return ask()


def wait_for_disk(yes: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET synchronous_commit = {'on' if yes else 'off'}")


def query(sql: str, **values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(
            sql, {k: str(v) if isinstance(v, uuid.UUID) else v for k, v in values.items()}
        )
        return cursor.fetchall()


def topics_left_out(subscribers: list[int]) -> dict[int, frozenset[str]]:
    links = Subscriber.topics_left_out.through.objects.filter(subscriber__in=subscribers)
    found: dict[int, set[str]] = {}
    for subscriber, slug in links.values_list("subscriber_id", "topic__slug"):
        found.setdefault(subscriber, set()).add(slug)
    return {subscriber: frozenset(slugs) for subscriber, slugs in found.items()}


class Carrier:
    """One connection to the mail server, kept open, and what its answers mean."""

    def __init__(self):
        self.backend = mailers.default
        self.in_data = False
        self.silences = 0
        self.pace = settings.LETTERS_PER_SECOND
        self.next_at = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.hang_up()

    @property
    def is_silent(self) -> bool:
        """It refused to talk several times in a row: come back later."""
        return self.silences >= 3

    def carry(self, delivery: int, tries: int, message) -> Outcome:
        self.keep_pace()
        try:
            self.connect()
            self.in_data = False
            self.backend.send_messages([message])
        except smtplib.SMTPResponseException as error:
            return self.answered(delivery, tries, error.smtp_code, error.smtp_error)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            return self.answered(delivery, tries, code, words, at_recipient=True)
        except (smtplib.SMTPException, OSError) as error:
            return self.broke(delivery, error)
        self.silences = 0
        return Outcome(delivery, "sent")

    def answered(self, delivery, tries, code, words, *, at_recipient=False) -> Outcome:
        answer = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
        if code == 421:  # it closes the connection; nobody's fault
            self.hang_up()
            self.silences += 1
            return Outcome(delivery, "waiting", answer, wait=2, counts_as_try=False)
        self.silences = 0
        if 400 <= code < 500 and tries + 1 < MOST_TRIES:
            wait = BACK_OFF_SECONDS[min(tries, len(BACK_OFF_SECONDS) - 1)]
            return Outcome(delivery, "waiting", answer, wait=wait)
        return Outcome(delivery, "failed", answer, at_recipient=at_recipient)

    def broke(self, delivery, error) -> Outcome:
        """Without an answer. After the text was handed over nobody knows: the written rule."""
        was_in_data, self.in_data = self.in_data, False
        self.hang_up()
        if was_in_data:
            return Outcome(delivery, "doubtful", f"No answer after the text: {error}")
        self.silences += 1
        return Outcome(delivery, "waiting", f"No connection: {error}", wait=5, counts_as_try=False)

    def connect(self) -> None:
        """Open it once; watch the moment the text is handed over, where the backend has one."""
        self.backend.open()
        smtp = getattr(self.backend, "connection", None)
        if smtp is not None and not hasattr(smtp, "watched"):
            hand_over = smtp.data

            def data(message):
                self.in_data = True
                answer = hand_over(message)
                self.in_data = False
                return answer

            smtp.data, smtp.watched = data, True

    def hang_up(self) -> None:
        with suppress(smtplib.SMTPException, OSError):
            self.backend.close()
        self.backend = mailers.default

    def keep_pace(self) -> None:
        if not self.pace:
            return
        now = time.monotonic()
        time.sleep(max(0, self.next_at - now))
        self.next_at = max(now, self.next_at) + 1 / self.pace

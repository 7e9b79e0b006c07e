"""A letter's own states: draft, scheduled, being sent, held, stopped for good, sent.

Time here is the database's clock (``Now``), as in the ledger: machines may disagree.
"""

import logging

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from . import alarms
from .ledger import may_receive, not_too_often
from .models import Issue
from .writing import write_letter

log = logging.getLogger(__name__)


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
    Issue.objects.filter(pk=issue.pk).update(
        state=Issue.State.SCHEDULED, scheduled_for=when, held_because=""
    )
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
    _open(issue)
    return True


def start_scheduled(issue: Issue) -> bool:
    """Start it if its minute has come and nobody took it off the schedule meanwhile. One that
    cannot go out becomes a draft again, and the editors are told."""
    try:
        with transaction.atomic():
            due = Issue.objects.due().filter(pk=issue.pk, state=Issue.State.SCHEDULED)
            if (issue := due.select_for_update().first()) is None:
                return False
            _open(issue)
    except NotReady as not_ready:
        if unschedule(issue):
            because = f"It could not go out at its minute. {not_ready}"[:300]
            Issue.objects.filter(pk=issue.pk).update(held_because=because)
            alarms.tell_editors(issue.pk, because)
        return False
    return True


def _open(issue: Issue) -> None:
    if sentences := missing(issue):
        raise NotReady(" ".join(sentences))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO newsletter_delivery
                (issue_id, subscriber_id, state, tries, try_after, answer)
            SELECT %s, s.id, 'waiting', 0, 'epoch', ''
            {recipients_sql(issue)}
            ON CONFLICT (issue_id, subscriber_id) DO NOTHING
            """,
            [issue.pk],
        )
    Issue.objects.filter(pk=issue.pk).update(
        state=Issue.State.SENDING, started_at=Now(), held_because=""
    )


def recipients_now(issue: Issue) -> int:
    """How many would get it if it were sent at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {recipients_sql(issue)}")
        return cursor.fetchone()[0]


def recipients_sql(issue: Issue) -> str:
    return f"""
        FROM newsletter_subscriber s
        WHERE {issue.wanted_sql} AND {may_receive(issue)} AND {not_too_often(issue)}
    """


def hold(issue: Issue, because: str) -> bool:
    """No mail is begun from now on; ``resume`` goes on where it stopped."""
    return bool(
        Issue.objects.filter(pk=issue.pk, state=Issue.State.SENDING).update(
            state=Issue.State.PAUSED, held_because=because[:300]
        )
    )


def hold_and_tell(issue: Issue, because: str) -> bool:
    """Held by itself: the editors must hear of it, wherever they are."""
    if not hold(issue, because):
        return False
    alarms.tell_editors(issue.pk, because[:300])
    return True


def resume(issue: Issue) -> bool:
    return bool(
        Issue.objects.filter(pk=issue.pk, state=Issue.State.PAUSED).update(
            state=Issue.State.SENDING, held_because="", resumed_at=Now()
        )
    )


def stop_for_good(issue: Issue) -> bool:
    """Whoever has not got it will not."""
    return bool(
        Issue.objects.filter(
            pk=issue.pk, state__in=[Issue.State.SENDING, Issue.State.PAUSED]
        ).update(state=Issue.State.STOPPED, finished_at=Now())
    )


@transaction.atomic
def send_doubtful_again(issue: Issue) -> int:
    """An editor decides that a second copy is better than none. Not of a stopped letter."""
    issue = locked(issue)
    if issue.state == Issue.State.STOPPED:
        return 0
    count = issue.deliveries.filter(state="doubtful").update(
        state="waiting", worker=None, done_at=None, try_after=Now()
    )
    reopen(issue)
    return count


@transaction.atomic
def reopen(issue: Issue) -> bool:
    """A letter taken for finished has someone waiting again."""
    issue = locked(issue)
    if issue.state != Issue.State.SENT or not issue.deliveries.filter(state="waiting").exists():
        return False
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.SENDING, finished_at=None)
    return True


@transaction.atomic
def finish(issue: Issue) -> bool:
    """Nothing waits and nobody is at it: the letter has gone out."""
    issue = locked(issue)
    left = issue.deliveries.filter(state__in=["waiting", "claimed", "begun"])
    if issue.state != Issue.State.SENDING or left.exists():
        return False
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.SENT, finished_at=Now())
    return True


def locked(issue: Issue) -> Issue:
    return Issue.objects.select_for_update().get(pk=issue.pk)

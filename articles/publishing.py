"""Verbs of an article's life. Each is one transaction, safe to repeat, tells whether anything
changed, and writes who did it into the log."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from advocacy_site.html import TooMuch

from .audit import Deed, log
from .models import Article, FormerSlug, Revision
from .moments import in_words
from .revisions import (
    as_article,
    fill,
    follow,
    link,
    lock,
    lock_if_free,
    saved_revision,
    slug_is_taken,
    working_revision,
)
from .writing_help import alt_problem, errors_in

# The columns of the row that belong to each kind of deed; none of them is a word to render.
NEXT = ("next_at", "next_revision")
WITHDRAWAL = ("withdraw_at", "withdrawal_reason")
REVIEW = ("submitted_at", "submitted_by")


class NotReady(ValueError):
    """It cannot be done as things are; ``sentences`` say what is missing, the message all."""

    def __init__(self, *sentences: str):
        self.sentences = sentences
        super().__init__(" ".join(sentences))


def missing(article: Article, content: dict | None = None) -> list[str]:
    """What must be there before readers may see it, a sentence each."""
    content = content or working_revision(article).content
    try:
        candidate = as_article(article, content)
    except TooMuch as too_much:
        return [str(too_much)]
    errors = errors_in(candidate.body)
    sentences = [str(problem) for problem in errors]
    told = {problem.text for problem in errors}
    sentences += [str(p) for p in candidate.render().problems if p.text not in told]
    if not candidate.topic_list:
        sentences.append("Choose at least one topic.")
    if candidate.hero and candidate.hero_alt and (wrong := alt_problem(candidate.hero_alt)):
        sentences.append(f"Alternative text of the picture: {wrong}")
    if not candidate.slug or slug_is_taken(candidate.slug, by_other_than=article):
        sentences.append("Choose another address: this one belongs to another article.")
    candidate.published_at = candidate.published_at or timezone.now()
    candidate.withdraw_at, candidate.withdrawal_reason = None, ""
    try:
        candidate.full_clean(validate_unique=False)
    except ValidationError as invalid:
        sentences += invalid.messages
    return sentences


@transaction.atomic
def publish(article: Article, *, by=None, revision: Revision | None = None) -> bool:
    """Show these words (the newest, unless told otherwise) from now on. Raises NotReady."""
    lock(article)
    revision = revision or saved_revision(article)
    nothing_waits = not article.next_at and article.is_published
    if nothing_waits and article.live_revision_id == revision.pk:
        return _end_review(article)
    _check_ready(article, revision)
    _go_live(article, revision, timezone.now())
    log(article, Deed.PUBLISHED, by=by, revision=revision.number)
    return True


@transaction.atomic
def schedule(article: Article, at: datetime, *, by=None, revision: Revision | None = None) -> bool:
    """Show these words from that minute on. Raises NotReady."""
    lock(article)
    if at <= timezone.now():
        raise NotReady("Choose a moment in the future, or publish it now.")
    if article.withdraw_at and not article.is_withdrawn and at >= article.withdraw_at:
        raise NotReady(
            f"It will be withdrawn on {in_words(article.withdraw_at)}. Choose an earlier moment."
        )
    revision = revision or saved_revision(article)
    if (article.next_at, article.next_revision_id) == (at, revision.pk) or (
        (article.published_at, article.live_revision_id) == (at, revision.pk)
    ):
        return False
    _check_ready(article, revision)
    if article.is_published or article.is_withdrawn:
        article.next_at, article.next_revision = at, revision
        article.submitted_at = article.submitted_by = None
        article.save(update_fields=[*NEXT, *REVIEW])
    else:
        _go_live(article, revision, at)
    log(article, Deed.SCHEDULED, by=by, revision=revision.number, detail=f"For {in_words(at)}")
    return True


@transaction.atomic
def cancel_schedule(article: Article, *, by=None) -> bool:
    """Take the next step off: readers keep seeing what they see now."""
    lock(article)
    if article.next_at:
        detail = f"It was for {in_words(article.next_at)}"
        number = article.next_revision and article.next_revision.number
        article.next_at = article.next_revision = None
        article.save(update_fields=NEXT)
    elif article.state == "scheduled":
        detail = f"It was for {in_words(article.published_at)}"
        number = article.live_revision and article.live_revision.number
        if article.withdraw_at:
            detail += f". The withdrawal on {in_words(article.withdraw_at)} was cancelled with it"
        article.published_at = article.live_revision = article.live_at = None
        article.withdraw_at, article.withdrawal_reason = None, ""
        article.save(update_fields=["published_at", "live_revision", "live_at", *WITHDRAWAL])
        if newest := Revision.objects.working(article):
            follow(article, newest)
    else:
        return False
    log(article, Deed.CANCELLED, by=by, revision=number, detail=detail)
    return True


@transaction.atomic
def withdraw(article: Article, reason: str, *, by=None, at: datetime | None = None) -> bool:
    """Take it back, now or at a moment. Its address then answers 410 with the reason.

    Raises NotReady.
    """
    lock(article)
    now = timezone.now()
    if article.is_withdrawn or article.published_at is None:
        return False
    if not reason.strip():
        raise NotReady("Tell readers in one sentence why it is withdrawn.")
    if at and at <= now:
        raise NotReady("Choose a moment in the future, or withdraw it now.")
    if (at or now) <= article.published_at:
        raise NotReady(
            f"It is published on {in_words(article.published_at)}. Withdraw it after that, "
            "or cancel the schedule."
        )
    if (article.withdraw_at, article.withdrawal_reason) == (at, reason):
        return False
    detail = f"Withdrawal. On {in_words(at)}: {reason}" if at else reason
    took_off = {}
    if article.withdraw_at and not at:
        took_off |= {
            "withdraw_at": article.withdraw_at.isoformat(),
            "reason": article.withdrawal_reason,
        }
    if article.next_at and article.next_at >= (at or now):
        # Or it would bring the article back by itself.
        took_off |= {
            "next_at": article.next_at.isoformat(),
            "next_revision": article.next_revision_id,
        }
        detail += f" (Taken off: the revision scheduled for {in_words(article.next_at)}.)"
        article.next_at = article.next_revision = None
    article.withdraw_at, article.withdrawal_reason = at or now, reason.strip()
    article.save(update_fields=[*NEXT, *WITHDRAWAL])
    deed = Deed.SCHEDULED if at else Deed.WITHDREW
    log(article, deed, by=by, detail=detail, took_off=took_off)
    return True


@transaction.atomic
def bring_back(article: Article, *, by=None) -> bool:
    """Undo a withdrawal, or take off one that is scheduled. The words are those from before,
    and what the withdrawal took off is scheduled again, unless its moment has passed."""
    lock(article)
    if not article.withdraw_at:
        return False
    was_withdrawn = article.is_withdrawn
    article.withdraw_at, article.withdrawal_reason = None, ""
    again = _put_back(article)
    article.save(update_fields=[*NEXT, *WITHDRAWAL])
    deed = Deed.BROUGHT_BACK if was_withdrawn else Deed.CANCELLED
    log(article, deed, by=by, detail=" ".join(["" if was_withdrawn else "The withdrawal.", *again]))
    return True


def _put_back(article: Article) -> list[str]:
    """Schedule again what the last withdrawal took off; what was put back, in sentences."""
    undone = Q(deed__in=[Deed.BROUGHT_BACK, Deed.CANCELLED])
    last = article.audit_entries.filter(Q(took_off__isnull=False) | undone).first()
    took_off = (last and last.took_off) or {}
    said = []
    if (at := _to_come(took_off.get("withdraw_at"))) and took_off["reason"]:
        article.withdraw_at, article.withdrawal_reason = at, took_off["reason"]
        said.append(f"It is to be withdrawn on {in_words(at)} again.")
    revision = article.revisions.filter(pk=took_off.get("next_revision")).first()
    if revision and not article.next_at and (at := _to_come(took_off.get("next_at"))):
        article.next_at, article.next_revision = at, revision
        said.append(f"Revision {revision.number} is scheduled for {in_words(at)} again.")
    return said


def _to_come(moment: str | None) -> datetime | None:
    at = datetime.fromisoformat(moment) if moment else None
    return at if at and at > timezone.now() else None


@transaction.atomic
def submit(article: Article, *, by=None) -> bool:
    """Ask an editor to read it. Saving on keeps the request: the newest words are what is read."""
    lock(article)
    if article.submitted_at:
        return False
    article.submitted_at, article.submitted_by = timezone.now(), by
    article.save(update_fields=REVIEW)
    log(article, Deed.SUBMITTED, by=by, revision=working_revision(article).number)
    return True


@transaction.atomic
def send_back(article: Article, reason: str, *, by=None) -> bool:
    """Return it to its writer, with what is missing. Raises NotReady."""
    lock(article)
    if not article.submitted_at:
        return False
    if not reason.strip():
        raise NotReady("Tell the writer what is missing.")
    article.submitted_at = article.submitted_by = None
    article.save(update_fields=REVIEW)
    log(article, Deed.SENT_BACK, by=by, detail=reason.strip())
    return True


@transaction.atomic
def change_slug(article: Article, former: str) -> bool:
    """Remember the address it had, so that links keep working, also after it moves back."""
    if former == article.slug:
        return False
    FormerSlug.objects.filter(slug=article.slug).delete()
    FormerSlug.objects.update_or_create(slug=former, defaults={"article": article})
    return True


def take_next_step(article: Article) -> bool:
    """Let the scheduled revision take effect, once its moment is there. For due.py.

    What it needs may be gone by now; then readers keep the words they have and editors are told.
    """
    if not lock_if_free(article):
        return False  # an editor is at it; the next reader looks again
    if not article.next_at or article.next_at > timezone.now():
        return False
    revision, at = article.next_revision, article.next_at
    sentences = missing(article, revision.content) if revision else ["The revision is gone."]
    if sentences:
        give_up_next_step(article, " ".join(sentences))
        return True
    _go_live(article, revision, at)
    log(article, Deed.TOOK_EFFECT, revision=revision.number, detail=f"As of {in_words(at)}")
    return True


def give_up_next_step(article: Article, why: str) -> None:
    """Take it off and tell editors. Readers keep the words they have."""
    number = article.next_revision and article.next_revision.number
    article.next_at = article.next_revision = None
    article.save(update_fields=NEXT)
    log(article, Deed.FAILED, revision=number, detail=why)


def _end_review(article: Article) -> bool:
    """The words in review are the ones readers see: nothing is left to decide."""
    if not article.submitted_at:
        return False
    article.submitted_at = article.submitted_by = None
    article.save(update_fields=REVIEW)
    return True


def _check_ready(article: Article, revision: Revision) -> None:
    if sentences := missing(article, revision.content):
        raise NotReady(*sentences)


def _go_live(article: Article, revision: Revision, at: datetime) -> None:
    """Put the words of a revision before readers, from ``at`` on if it never was published."""
    was_seen = bool(article.published_at and article.published_at <= timezone.now())
    former_slug, former_note = article.slug, article.change_note
    fill(article, revision.content)
    if was_seen and article.change_note and article.change_note != former_note:
        article.updated_at = at
    article.published_at = article.published_at if was_seen else at
    # By the step's own moment: this may run later, when a withdrawal after it is due as well.
    if article.withdraw_at and article.withdraw_at <= at:
        article.withdraw_at, article.withdrawal_reason = None, ""
    article.live_revision, article.live_at = revision, at
    article.next_at = article.next_revision = None
    article.submitted_at = article.submitted_by = None
    article.save()
    link(article, revision.content)
    if was_seen:
        change_slug(article, former_slug)

"""The verb behind every decision: one transaction, done once, recorded, told.

A decision names what its moderator saw (``seen``). Whoever comes second is told what the first
one did, and nothing happens twice.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from community.comments import holding, moderation, reports, words
from community.comments.locks import hold_on_to_people_of
from community.comments.models import Comment, CommentVersion, Report
from community.members.models import Member

from . import locking, pinned, stopping, telling
from .deeds import DEEDS, STOPS, Deed
from .models import Message, ModerationAct, Request, What
from .models.act import PASSING
from .rights import leads
from .tasks import mail_message

Line = ModerationAct.Line
# These say what becomes of a comment: its holds and reports are settled with them.
CLOSES_COMMENT = {
    What.KEPT, What.ACCEPTED, What.EDITED, What.HIDDEN, What.LOCKED, What.NOTED,
}  # fmt: skip

NO_DECISIONS = [*PASSING, What.CHECKED, What.CLOSED]
ABOUT_MEMBER = [deed.what for deed in DEEDS.values() if deed.about == "member"]

OUTCOMES = {
    What.KEPT: "A moderator read it and left it as it is.",
    What.ACCEPTED: "A moderator read it and left it as it is.",
    What.EDITED: "A moderator took a detail out of it.",
    What.HIDDEN: "A moderator took it down.",
    What.LOCKED: "A moderator took it down.",
    What.NOTED: "A moderator put a note under it.",
}
OUTCOME_FOR_MEMBER = "A moderator read it and acted on it where our rules ask for it."
OUTCOME_FOR_WORRIED = (
    "A moderator read it and is looking after it. To protect the person we cannot say more."
)


class AlreadyDecided(Exception):
    """Somebody else was first; ``act`` is what they did, or None where the writer changed it."""

    def __init__(self, act: ModerationAct | None):
        super().__init__()
        self.act = act


class NotOwn(Exception):
    """Nobody decides about her own words or account."""


@dataclass
class Decision:
    deed: str
    by: Member
    comment: Comment | None = None
    member: Member | None = None
    own_words: str = ""
    why: str = ""
    rule: int | None = None
    until: datetime | None = None
    text: str = ""
    content_note: str = ""  # with ``text``; what stands before the words from now on
    quoted: str = ""
    note: dict = field(default_factory=dict)
    source: str = ModerationAct.Source.PERSON
    line: str = ""
    waiting_since: datetime | None = None
    seen: str = ""
    newest_report: int = 0
    worries: frozenset[int] = frozenset()  # the reports of worry that the moderator saw
    headings: dict[int, str] | None = None  # of the rules, where they are known already

    @property
    def what(self) -> What:
        return What(self.deed)

    @property
    def facts(self) -> str:
        """What the writer reads beside the moderator's own words."""
        return telling.facts_of(
            self.what,
            comment=self.comment,
            rule=self.rule if DEEDS[self.deed].takes_rule else None,
            until=self.until,
            source=self.source,
            quoted=self.quoted,
            after=self.text if self.what == What.EDITED else "",
            note_now=self.note_now,
            headings=self.headings,
        )

    @property
    def note_now(self) -> str | None:
        """The content note where this decision changes it, else None."""
        changes = self.what == What.EDITED and self.content_note != self.comment.content_note
        return self.content_note if changes else None

    @property
    def tells(self) -> bool:
        """Leaving a comment as it is tells nobody, unless the moderator has something to say.
        That a conversation is open again is told to who began it."""
        is_root = self.comment is not None and self.comment.pk == self.comment.thread_id
        is_quiet = self.what == What.KEPT or (self.what == What.UNLOCKED and not is_root)
        return not is_quiet or bool(self.own_words.strip())


@transaction.atomic
def decide(decision: Decision) -> ModerationAct:
    """Do it, record it, tell the writer. Raises AlreadyDecided and NotOwn."""
    _lock(decision)
    if decision.member is not None and decision.member.pk == decision.by.pk:
        raise NotOwn
    look_whether_first(DEEDS[decision.deed], decision.seen, decision.comment, decision.member)
    if decision.what in STOPS and stopping.is_banned(decision.member) and not leads(decision.by):
        raise AlreadyDecided(latest_about(decision.member))
    act = _record(decision)
    _DO.get(decision.what, lambda *_: None)(decision, act)
    _close(decision)
    if act.told and act.member_id:
        mail_message.enqueue(act.pk)
    return act


def look_whether_first(deed: Deed, seen: str, comment: Comment | None, member) -> None:
    """Raise AlreadyDecided where somebody decided, or the words changed, since a moderator looked.

    What is decided about a member counts whichever comment it was decided from.
    """
    seen_words, _, seen_member = seen.partition("|")
    words_now, _, member_now = version_of(comment, member).partition("|")
    if seen_words != words_now:
        raise AlreadyDecided(latest_act(comment))
    if deed.about == "member" and seen_member != member_now:
        raise AlreadyDecided(latest_about(member))


def version_of(comment: Comment | None, member: Member | None) -> str:
    """Changes whenever somebody has decided, or the words have changed."""
    act, about = comment and latest_act(comment), latest_about(member)
    return version_from(act.pk if act else 0, comment, about.pk if about else 0)


def version_from(act_id: int, comment: Comment | None, about_id: int = 0) -> str:
    """``act_id`` is the newest decision about the comment, ``about_id`` that about its writer."""
    edited = comment.edited_at.isoformat() if comment and comment.edited_at else ""
    state = f"{act_id}/{comment.state}/{edited}" if comment else ""
    return f"{state}|{about_id}"


def latest_act(comment: Comment) -> ModerationAct | None:
    acts = ModerationAct.objects.filter(comment=comment).exclude(what__in=NO_DECISIONS)
    return acts.order_by("-pk").first()


def latest_about(member: Member | None) -> ModerationAct | None:
    """The newest decision about the member herself, from wherever it was made."""
    if member is None:
        return None
    acts = ModerationAct.objects.filter(member=member).exclude(what__in=NO_DECISIONS)
    about_her = Q(what__in=ABOUT_MEMBER) | Q(comment=None)
    return acts.filter(about_her).order_by("-pk").first()


def versions_of(comments) -> dict[int, str]:
    """What a list needs: the version of each comment, in one query. Without its writer's."""
    acts = ModerationAct.objects.filter(comment__in=comments).exclude(what__in=NO_DECISIONS)
    latest = dict(acts.order_by("pk").values_list("comment", "pk"))
    return {comment.pk: version_from(latest.get(comment.pk, 0), comment) for comment in comments}


def _lock(decision: Decision) -> None:
    """The comment and whose it is, as they are now, after a hold on all who are named.

    Not their keys: the act of a moderator points at her own row, and two who decide about each
    other's words would wait for each other.
    """
    members = Member.objects.select_for_update(no_key=True)
    if decision.comment is not None:
        hold_on_to_people_of(decision.comment.pk, decision.by.pk)
        decision.comment = (
            Comment.objects.select_for_update(of=["self"], no_key=True)
            .select_related("article")
            .get(pk=decision.comment.pk)
        )
        author = decision.comment.author_id
        decision.member = author and members.get(pk=author)
    else:
        decision.member = members.get(pk=decision.member.pk)


def _record(decision: Decision) -> ModerationAct:
    comment = decision.comment
    told = telling.whole(decision.own_words, decision.facts) if decision.tells else ""
    return ModerationAct.objects.create(
        by=decision.by,
        what=decision.what,
        comment=comment,
        member=decision.member,
        rule=decision.rule if DEEDS[decision.deed].takes_rule else None,
        why=decision.why,
        before=comment.source if comment else "",
        after=words.tidy(decision.text) if decision.what == What.EDITED else "",
        told=told if decision.member else "",
        beside=_beside(decision),
        until=decision.until,
        source=decision.source,
        line=decision.line,
        waiting_since=decision.waiting_since,
        needs_check=decision.line == Line.WORRIED,
    )


def _beside(decision: Decision) -> dict:
    if decision.what == What.HELD_ALL and decision.member.trusted_at:
        return {"trusted_at": decision.member.trusted_at.isoformat()}
    if decision.note_now is not None:
        return {
            "content_note": decision.comment.content_note,
            "content_note_now": decision.note_now,
        }
    return {}


def _show(decision: Decision, act) -> None:
    moderation.set_state(
        decision.comment, Comment.State.VISIBLE, by=decision.by, reason=decision.why[:250]
    )


def _edit(decision: Decision, act) -> None:
    comment = decision.comment
    # They hold the detail as well, and would bring it back with "Undo the change".
    CommentVersion.objects.filter(comment=comment).delete()
    comment.source, comment.edited_at = words.tidy(decision.text), timezone.now()
    comment.content_note = decision.content_note
    comment.save(update_fields=["source", "content_note", "edited_at"])
    pinned.change(comment, detail_rule=decision.rule)
    _show(decision, act)


def _hide(decision: Decision, act) -> None:
    moderation.set_state(
        decision.comment,
        Comment.State.REMOVED,
        by=decision.by,
        reason=decision.why[:250],
        broken_rule=decision.rule,
    )


def _hide_and_lock(decision: Decision, act) -> None:
    _hide(decision, act)
    locking.close(decision.comment, because=act)


def _note(decision: Decision, act) -> None:
    pinned.change(decision.comment, **decision.note)
    if decision.comment.state == Comment.State.HELD:
        _show(decision, act)


def _unnote(decision: Decision, act) -> None:
    pinned.change(decision.comment, note="", ask_about="", source_title="", source_url="")


def _hold_all(decision: Decision, act) -> None:
    holding.hold_member(decision.member, by=decision.by)
    holding.untrust(decision.member)


_DO = {
    What.KEPT: lambda decision, act: None,
    What.ACCEPTED: _show,
    What.EDITED: _edit,
    What.HIDDEN: _hide,
    What.LOCKED: _hide_and_lock,
    What.NOTED: _note,
    What.UNNOTED: _unnote,
    What.UNLOCKED: lambda decision, act: locking.open_again(decision.comment, because=act),
    What.HELD_ALL: _hold_all,
    What.TRUSTED: lambda decision, act: holding.trust(decision.member),
    What.RELEASED: lambda decision, act: holding.release_member(decision.member),
    What.PAUSED: lambda decision, act: stopping.stop(decision.member, decision.until),
    What.BANNED: lambda decision, act: stopping.stop(decision.member, decision.until),
    What.LIFTED: lambda decision, act: stopping.lift(decision.member),
}


def _close(decision: Decision) -> None:
    """Reports that the moderator saw are settled, and requests to look. Later ones wait on."""
    comment = decision.comment
    if comment is not None and decision.what not in CLOSES_COMMENT:
        return
    about = {"comment": comment} if comment is not None else {"member": decision.member}
    seen = Report.objects.waiting().filter(pk__lte=decision.newest_report, **about)
    # A worry that this moderator did not see waits on, a report that became one as well.
    seen = seen.filter(~Q(reason=Report.Reason.WORRIED) | Q(pk__in=decision.worries))
    settle_reports(seen, OUTCOMES.get(decision.what, OUTCOME_FOR_MEMBER))
    if comment is not None:
        Request.objects.filter(comment=comment, settled_at=None).update(settled_at=timezone.now())


def settle_reports(seen, outcome: str) -> None:
    found = list(seen)
    worried = [report for report in found if report.is_worried]
    others = [report for report in found if not report.is_worried]
    if worried:
        reports.settle(worried, OUTCOME_FOR_WORRIED)
    if others:
        reports.settle(others, outcome)


@transaction.atomic
def pass_on(what: str, comment: Comment, by: Member, said: str) -> ModerationAct:
    """Ask another moderator, hand over, or write down a call for help. The item stays.

    The same words once more are the second press of a button, and change nothing.
    """
    hold_on_to_people_of(comment.pk, by.pk)
    comment = Comment.objects.select_for_update(of=["self"], no_key=True).get(pk=comment.pk)
    newest = ModerationAct.objects.filter(comment=comment, by=by).order_by("-pk").first()
    if newest is not None and (newest.what, newest.why) == (what, said):
        return newest
    act = ModerationAct.objects.create(
        by=by, what=what, comment=comment, member=comment.author, why=said
    )
    if what != What.ESCALATED:
        kind = Request.Kind.HELP if what == What.ASKED else Request.Kind.OVER
        Request.objects.create(comment=comment, kind=kind, by=by, words=said)
    return act


@transaction.atomic
def check(act: ModerationAct, by: Member, said: str = "") -> bool:
    """A second moderator has looked at what was decided about somebody others worry about.

    Tell whether nobody had. The database refuses the moderator who decided.
    """
    act = ModerationAct.objects.select_for_update(of=["self"]).get(pk=act.pk)
    if act.answered.filter(what=What.CHECKED).exists():
        return False
    if by.pk in (act.by_id, act.member_id):
        raise NotOwn
    ModerationAct.objects.create(
        by=by, what=What.CHECKED, comment=act.comment, member=act.member, answers=act, why=said
    )
    return True


@transaction.atomic
def acknowledge(message: Message) -> bool:
    """The member says that she has read a warning; tell whether that is new."""
    now = timezone.now()
    waiting = Message.objects.filter(pk=message.pk, must_acknowledge=True, acknowledged_at=None)
    return waiting.update(acknowledged_at=now, read_at=message.read_at or now) > 0


def source_of(reasons, is_held: bool) -> str:
    """What led to a decision: a report by somebody, our lists, or a moderator who read it.

    ``reasons`` are those of the reports that wait.
    """
    if any(reason != Report.Reason.LISTED for reason in reasons):
        return ModerationAct.Source.REPORT
    return ModerationAct.Source.LIST if is_held or reasons else ModerationAct.Source.PERSON


def waiting_since(comment: Comment) -> datetime | None:
    """Since when somebody waits for a decision about it."""
    hold = comment.holds.waiting().values_list("made_at", flat=True).first()
    report = comment.reports.waiting().order_by("pk").values_list("created_at", flat=True).first()
    return min((moment for moment in (hold, report) if moment), default=None)

"""Moderators, and what they decide on."""

from django.contrib.auth.models import Group

from community.comments import reports
from community.comments.models import Report
from community.moderation import deciding
from community.moderation.case import of_comment
from community.moderation.models import ModerationAct
from tests.factories import make_member


def make_moderator(*, lead=False, **fields):
    member = make_member(staff=True, **fields)
    member.groups.add(Group.objects.get(name="Lead moderators" if lead else "Moderators"))
    return member


def make_report(comment=None, *, member=None, reason="unkind", by=None, words="", email=""):
    report, _ = reports.report(
        comment=comment, member=member, reason=reason, words=words, reporter=by, email=email,
        where=f"somewhere-{Report.objects.count()}",
    )  # fmt: skip
    return report


def decide(deed, comment=None, *, member=None, by=None, **more) -> ModerationAct:
    """A decision as the desk makes it, with what the moderator sees now."""
    by = by or make_moderator()
    if comment is not None:
        case = of_comment(comment.pk, by, leads=True)
        more.setdefault("line", case.line)
        more.setdefault("newest_report", case.newest_report)
        more.setdefault("worries", frozenset(case.worries))
        more.setdefault("waiting_since", case.waiting_since)
    more.setdefault("seen", deciding.version_of(comment, member or (comment and comment.author)))
    if deed in {"hidden", "locked", "edited", "warned", "held-all", "paused", "banned"}:
        more.setdefault("rule", 3)
    more.setdefault("why", "Because.")
    return deciding.decide(
        deciding.Decision(deed=deed, by=by, comment=comment, member=member, **more)
    )

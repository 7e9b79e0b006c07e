"""One item as a moderator sees it: the words with two before and after, who wrote them (numbers,
not a wall), what was decided before, and who else is looking. Four queries, whatever is behind.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_datetime

from community.comments.models import Comment, Report
from community.members.models import Member

from . import deeds, stopping
from .deciding import ABOUT_MEMBER, NO_DECISIONS, source_of, version_from
from .looking import LASTS
from .models import Mark, ModerationAct

Line = ModerationAct.Line
MOST_REPORTS = 20
MOST_ACTS = 6

# One row of everything beside the comment itself. %(member)s may be NULL: a former member.
BESIDE = """
SELECT
    (SELECT count(*) FROM comments_comment WHERE author_id = %(member)s),
    (SELECT count(*) FROM comments_comment WHERE author_id = %(member)s AND state = 'removed'),
    (SELECT count(*) FROM comments_hold h JOIN comments_comment c ON c.id = h.comment_id
        WHERE c.author_id = %(member)s AND h.settled_at IS NULL),
    (SELECT count(*) FROM moderation_moderationact WHERE member_id = %(member)s
        AND what = 'warned'),
    (SELECT count(*) FROM moderation_moderationact WHERE member_id = %(member)s
        AND what IN ('paused', 'banned')),
    (SELECT max(until) FROM moderation_moderationact WHERE member_id = %(member)s
        AND what = 'paused'),
    EXISTS (SELECT 1 FROM comments_memberhold WHERE member_id = %(member)s),
    (SELECT coalesce(json_agg(n), '[]') FROM (
        SELECT s.words, s.at, m.display_name AS name FROM moderation_staffnote s
        LEFT JOIN members_member m ON m.id = s.by_id
        WHERE s.member_id = %(member)s ORDER BY s.id DESC LIMIT 5) n),
    (SELECT coalesce(json_agg(l.name), '[]') FROM (
        SELECT m.display_name AS name FROM moderation_looking x
        JOIN members_member m ON m.id = x.moderator_id
        WHERE x.comment_id = %(comment)s AND x.moderator_id <> %(me)s
            AND x.seen_at > now() - %(lasts)s ORDER BY x.seen_at DESC LIMIT 5) l),
    (SELECT coalesce(json_agg(r), '[]') FROM (
        SELECT q.kind, q.words, q.at, m.display_name AS name FROM moderation_request q
        LEFT JOIN members_member m ON m.id = q.by_id
        WHERE q.comment_id = %(comment)s AND q.settled_at IS NULL ORDER BY q.id LIMIT 5) r),
    (SELECT row_to_json(h) FROM (
        SELECT reasons, detail, made_at FROM comments_hold
        WHERE comment_id = %(comment)s AND settled_at IS NULL) h),
    (SELECT row_to_json(k) FROM (
        SELECT * FROM moderation_mark WHERE comment_id = %(comment)s) k),
    (SELECT coalesce(json_agg(p), '[]') FROM (
        SELECT id, reason, words, created_at, reporter_id IS NOT NULL AS by_member
        FROM comments_report WHERE settled_at IS NULL
            AND (comment_id = %(comment)s OR (%(comment)s IS NULL AND member_id = %(member)s))
        ORDER BY reason <> 'worried', id LIMIT %(most)s) p),
    coalesce((SELECT id FROM moderation_moderationact
        WHERE what <> ALL(%(no_decisions)s) AND comment_id = %(comment)s
        ORDER BY id DESC LIMIT 1), 0),
    coalesce((SELECT id FROM moderation_moderationact
        WHERE what <> ALL(%(no_decisions)s) AND member_id = %(member)s
            AND (what = ANY(%(about_member)s) OR comment_id IS NULL)
        ORDER BY id DESC LIMIT 1), 0),
    EXISTS (SELECT 1 FROM moderation_mark WHERE comment_id = %(thread)s
        AND locked_at IS NOT NULL)
"""

AROUND = """
SELECT * FROM (
    (SELECT c.*, m.display_name AS name FROM comments_comment c
        LEFT JOIN members_member m ON m.id = c.author_id WHERE c.article_id = %(article)s
        AND c.path < %(path)s::bigint[] AND c.path >= ARRAY[%(thread)s]::bigint[]
        AND c.state IN ('visible', 'held') ORDER BY c.path DESC LIMIT 2)
    UNION ALL
    (SELECT c.*, m.display_name AS name FROM comments_comment c
        LEFT JOIN members_member m ON m.id = c.author_id WHERE c.article_id = %(article)s
        AND c.path > %(path)s::bigint[] AND c.path < ARRAY[%(thread)s + 1]::bigint[]
        AND c.state IN ('visible', 'held') ORDER BY c.path LIMIT 2)
) around ORDER BY path
"""


@dataclass
class Numbers:
    """What a moderator needs to know of a member, in numbers."""

    comments: int
    removed: int
    held: int
    warned: int
    stopped: int
    paused_until: datetime | None
    all_held: bool


@dataclass
class Case:
    comment: Comment | None
    member: Member | None
    line: str
    before: list[Comment] = field(default_factory=list)
    after: list[Comment] = field(default_factory=list)
    numbers: Numbers | None = None
    notes: list[dict] = field(default_factory=list)
    looking: list[str] = field(default_factory=list)
    requests: list[dict] = field(default_factory=list)
    hold: dict | None = None
    mark: Mark | None = None
    reports: list[Report] = field(default_factory=list)
    acts: list[ModerationAct] = field(default_factory=list)
    seen: str = ""
    deeds: list = field(default_factory=list)
    is_own: bool = False
    is_locked: bool = False

    @property
    def is_worried(self) -> bool:
        return any(report.is_worried for report in self.reports)

    @property
    def is_distressing(self) -> bool:
        """Folded until opened: somebody worries, or hate, or the writer's own content note."""
        folded = {Report.Reason.WORRIED, Report.Reason.UNKIND}
        noted = bool(self.comment and self.comment.content_note)
        return noted or any(report.reason in folded for report in self.reports)

    @property
    def newest_report(self) -> int:
        return max((report.pk for report in self.reports), default=0)

    @property
    def waiting_since(self):
        moments = [report.created_at for report in self.reports]
        if self.hold:
            moments.append(self.hold["made_at"])
        return min(moments, default=None)

    @property
    def is_waiting(self) -> bool:
        return bool(self.hold or self.reports)

    @property
    def source(self) -> str:
        return source_of([report.reason for report in self.reports], bool(self.hold))

    @property
    def worries(self) -> list[int]:
        return [report.pk for report in self.reports if report.is_worried]

    @property
    def hold_reasons(self) -> list[str]:
        from community.comments.models import Hold

        return [Hold.Reason(reason).label for reason in self.hold["reasons"]] if self.hold else []


def of_comment(pk: int, moderator: Member, *, leads: bool) -> Case:
    """Everything about one comment; raises Http404 where there is none."""
    comments = Comment.objects.select_related("author", "article").defer(
        "article__body", "article__body_html"
    )
    comment = get_object_or_404(comments, pk=pk)
    case = Case(comment, comment.author, "")
    _add_beside(case, moderator)
    _add_around(case)
    _add_acts(case)
    case.line = _line_of(case)
    _add_choices(case, moderator, leads)
    return case


def of_member(member: Member, moderator: Member, *, leads: bool) -> Case:
    case = Case(None, member, "")
    _add_beside(case, moderator)
    _add_acts(case)
    case.line = _line_of(case)
    _add_choices(case, moderator, leads)
    return case


def _line_of(case: Case) -> str:
    if case.is_worried:
        return Line.WORRIED
    if case.hold:
        return Line.HELD
    return Line.REPORTS if case.reports else ""


def _add_beside(case: Case, moderator: Member) -> None:
    values = {
        "member": case.member and case.member.pk,
        "comment": case.comment and case.comment.pk,
        "thread": case.comment and case.comment.thread_id,
        "me": moderator.pk,
        "lasts": LASTS,
        "most": MOST_REPORTS,
        "no_decisions": [what.value for what in NO_DECISIONS],
        "about_member": [what.value for what in ABOUT_MEMBER],
    }
    with connection.cursor() as cursor:
        cursor.execute(BESIDE, values)
        *numbers, notes, looking, requests, hold, mark, reports, latest, about, locked = (
            cursor.fetchone()
        )
    case.numbers = Numbers(*numbers)
    case.looking = looking
    case.notes, case.requests = map(_with_moments, (notes, requests))
    case.hold = _with_moments([hold])[0] if hold else None
    case.mark = Mark(**mark) if mark else None
    case.is_locked = locked
    case.seen = version_from(latest, case.comment, about)
    for row in _with_moments(reports):
        by_member = row.pop("by_member")
        case.reports.append(Report(**row))
        case.reports[-1].by_member = by_member


def _with_moments(rows: list[dict]) -> list[dict]:
    """JSON has no dates; these become moments again."""
    for row in rows:
        for name in ("at", "made_at", "created_at"):
            if name in row:
                row[name] = parse_datetime(row[name])
    return rows


def _add_around(case: Case) -> None:
    comment = case.comment
    values = {
        "article": comment.article_id, "path": comment.path, "thread": comment.thread_id,
    }  # fmt: skip
    for other in Comment.objects.raw(AROUND, values):
        (case.before if other.path < comment.path else case.after).append(other)


def _add_acts(case: Case) -> None:
    about = Q(pk__in=[])
    if case.comment:
        about |= Q(comment=case.comment)
    if case.member:
        about |= Q(member=case.member)
    acts = ModerationAct.objects.filter(about).select_related("by")
    case.acts = list(acts.order_by("-pk")[:MOST_ACTS])


def _add_choices(case: Case, moderator: Member, leads: bool) -> None:
    case.is_own = case.member is not None and case.member.pk == moderator.pk
    comment, mark = case.comment, case.mark
    scene = deeds.Scene(
        state=comment.state if comment else "",
        has_words=bool(comment and comment.source),
        has_note=bool(mark and mark.has_note),
        is_locked=case.is_locked,
        has_member=case.member is not None,
        is_held=case.numbers.all_held,
        is_trusted=case.member is not None and case.member.trusted_at is not None,
        is_stopped=case.member is not None and stopping.is_stopped(case.member),
        is_banned=case.member is not None and stopping.is_banned(case.member),
    )
    case.deeds = deeds.open_to(leads, scene)

"""What waits for a moderator: four lines, each the oldest first, worried before everything.

Nothing is kept twice: the lines are read from holds, reports and appeals, each by an index of
what waits, so a page costs the same with ten waiting and with ten thousand.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.timesince import timesince

from community.comments.models import Hold, Report

from .looking import LASTS
from .models import Appeal, Looking, ModerationAct, Request, What

Line = ModerationAct.Line
ON_A_PAGE = 20

TALLY = """
SELECT
    (SELECT count(*) FROM (SELECT DISTINCT comment_id, member_id FROM comments_report
        WHERE settled_at IS NULL AND reason = 'worried') w),
    (SELECT min(created_at) FROM comments_report WHERE settled_at IS NULL AND reason = 'worried'),
    (SELECT count(*) FROM comments_hold WHERE settled_at IS NULL),
    (SELECT min(made_at) FROM comments_hold WHERE settled_at IS NULL),
    (SELECT count(*) FROM (SELECT DISTINCT comment_id, member_id FROM comments_report
        WHERE settled_at IS NULL AND reason <> 'worried') r),
    (SELECT min(created_at) FROM comments_report WHERE settled_at IS NULL AND reason <> 'worried'),
    (SELECT count(*) FROM moderation_appeal WHERE settled_at IS NULL),
    (SELECT min(made_at) FROM moderation_appeal WHERE settled_at IS NULL),
    (SELECT count(*) FROM moderation_moderationact a WHERE needs_check AND NOT EXISTS
        (SELECT 1 FROM moderation_moderationact c WHERE c.answers_id = a.id
            AND c.what = 'checked'))
"""


@dataclass
class Tally:
    """How much waits in a line, and since when."""

    line: Line
    count: int
    oldest: datetime | None

    @property
    def age(self) -> str:
        return timesince(self.oldest, depth=1)

    @property
    def address(self) -> str:
        return f"/moderation/{self.line.value}/"


@dataclass
class Tallies:
    lines: list[Tally]
    to_check: int

    @property
    def first(self) -> Line:
        """The line to begin with: the first that is not empty."""
        return next((tally.line for tally in self.lines if tally.count), Line.WORRIED)


@dataclass
class Item:
    """One thing that waits: a comment, a member's profile, or an appeal. ``key`` is its place."""

    key: str
    since: datetime
    comment: object = None
    member: object = None
    appeal: object = None
    reasons: list[str] = field(default_factory=list)
    count: int = 1
    looking: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    is_own: bool = False

    @property
    def about(self) -> int | None:
        """The key of the member whose words or profile it is."""
        return self.comment.author_id if self.comment else self.member and self.member.pk


def tally() -> Tallies:
    with connection.cursor() as cursor:
        cursor.execute(TALLY)
        *found, to_check = cursor.fetchone()
    order = [Line.WORRIED, Line.HELD, Line.REPORTS, Line.APPEALS]
    lines = [Tally(line, *found[place * 2 : place * 2 + 2]) for place, line in enumerate(order)]
    return Tallies(lines, to_check)


def page(
    line: str, after: tuple[datetime, int] | None = None, *, looker=None
) -> tuple[list[Item], str]:
    """The items of a line, and the key of the next page or an empty text.

    Those about the moderator who looks are marked: she sees that something waits, and no more.
    """
    rows = list(_rows(line, after)[: ON_A_PAGE + 1])
    more, rows = len(rows) > ON_A_PAGE, rows[:ON_A_PAGE]
    items = [_item(line, row) for row in rows]
    if line in (Line.WORRIED, Line.REPORTS):
        _count_reports(line, items)
    _add_what_others_do(items, looker)
    for item in items:
        item.is_own = looker is not None and item.about == looker.pk
    return items, items[-1].key if more else ""


def _rows(line: str, after):
    if line == Line.HELD:
        rows, moment = Hold.objects.waiting(), "made_at"
    elif line == Line.APPEALS:
        rows, moment = Appeal.objects.filter(settled_at=None), "made_at"
        rows = rows.select_related("act__comment__article", "act__by", "member").defer(
            "act__comment__article__body", "act__comment__article__body_html"
        )
    else:
        rows, moment = _first_reports(line), "created_at"
    if after is not None:
        beyond = Q(**{f"{moment}__gt": after[0]}) | Q(**{moment: after[0]}, pk__gt=after[1])
        rows = rows.filter(beyond, **{f"{moment}__gte": after[0]})  # the second walks the index
    rows = rows.order_by(moment, "pk")
    if rows.model is Report:  # which ones first, then everything about these few
        ids = list(rows.values_list("pk", flat=True)[: ON_A_PAGE + 1])
        rows = Report.objects.filter(pk__in=ids).order_by(moment, "pk").select_related("member")
    if line != Line.APPEALS:
        rows = rows.select_related("comment__author", "comment__article").defer(
            "comment__article__body", "comment__article__body_html"
        )
    return rows


def _first_reports(line: str):
    """The oldest waiting report about each comment and each member."""
    worried = Q(reason=Report.Reason.WORRIED)
    waiting = Report.objects.waiting().filter(worried if line == Line.WORRIED else ~worried)
    # Not by grouping: the line is walked until a page is full, however many wait.
    return waiting.exclude(
        Exists(waiting.filter(comment=OuterRef("comment"), pk__lt=OuterRef("pk")))
    ).exclude(Exists(waiting.filter(member=OuterRef("member"), pk__lt=OuterRef("pk"))))


def _item(line: str, row) -> Item:
    if line == Line.HELD:
        return Item(key_of(row.made_at, row.pk), row.made_at, row.comment, reasons=row.in_words)
    if line == Line.APPEALS:
        return Item(key_of(row.made_at, row.pk), row.made_at, appeal=row, member=row.member)
    return Item(
        key_of(row.created_at, row.pk),
        row.created_at,
        row.comment,
        row.member,
        reasons=[row.get_reason_display()],
    )


def key_of(moment: datetime, pk: int) -> str:
    return f"{moment.timestamp():.6f}-{pk}"


def read_key(text: str | None) -> tuple[datetime, int] | None:
    """A place out of an address; odd input is no place."""
    moment, _, pk = (text or "")[:60].partition("-")
    if not pk.isascii() or not pk.isdigit() or len(pk) > 18:
        return None
    try:
        return datetime.fromtimestamp(float(moment), tz=timezone.get_current_timezone()), int(pk)
    except (ValueError, OverflowError, OSError):
        return None


def _count_reports(line: str, items: list[Item]) -> None:
    comments = [item.comment.pk for item in items if item.comment]
    members = [item.member.pk for item in items if item.member]
    waiting = Report.objects.waiting().filter(Q(comment__in=comments) | Q(member__in=members))
    counts = {
        (row["comment"], row["member"]): row["n"]
        for row in waiting.values("comment", "member").annotate(n=Count("pk"))
    }
    for item in items:
        key = (item.comment and item.comment.pk, item.member and item.member.pk)
        item.count = counts.get(key, 1)


def _add_what_others_do(items: list[Item], looker) -> None:
    """Who has which open, and what a moderator asked of the others. Two queries for all."""
    by_comment = {item.comment.pk: item for item in items if item.comment}
    here = Looking.objects.filter(comment__in=by_comment, seen_at__gt=timezone.now() - LASTS)
    here = here.exclude(moderator=looker).select_related("moderator")
    for looking in here if by_comment else []:
        by_comment[looking.comment_id].looking.append(looking.moderator.display_name)
    asked = Request.objects.filter(comment__in=by_comment, settled_at=None).select_related("by")
    for request in asked if by_comment else []:
        by_comment[request.comment_id].requests.append(request)


def to_check(moderator, before: int | None = None):
    """Decisions about people others worry about, that no second moderator has looked at."""
    acts = (
        ModerationAct.objects.not_about(moderator)
        .filter(needs_check=True)
        .exclude(Exists(ModerationAct.objects.filter(answers=OuterRef("pk"), what=What.CHECKED)))
    )
    if before:
        acts = acts.filter(pk__gt=before)
    return (
        acts.select_related("by", "member", "comment__article")
        .defer("comment__article__body", "comment__article__body_html")
        .order_by("pk")
    )


def neighbors(case, looker) -> dict[str, str]:
    """The addresses of the items before and after this one in its line, for one key each.

    An item stands where its oldest report in this line stands, as in the list; those about
    whoever looks are passed over.
    """
    if not case.line:
        return {}
    values = {
        "comment": case.comment and case.comment.pk,
        "member": None if case.comment else case.member.pk,
        "me": looker.pk,
    }
    if case.line == Line.HELD:
        sql = BESIDE_HELD
    else:
        sql = BESIDE_WORRIED if case.line == Line.WORRIED else BESIDE_REPORTED
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return {name: _address(comment, member) for name, comment, member in cursor.fetchall()}


def _address(comment: int | None, member: int | None) -> str:
    return f"/moderation/comments/{comment}/" if comment else f"/moderation/members/{member}/"


def _beside(sql: str) -> str:
    """Both neighbors in one statement, each by a walk of the index from here."""
    return " UNION ALL ".join(
        sql.format(name=name, compare=compare, order=order)
        for name, compare, order in [("next", ">", "ASC"), ("previous", "<", "DESC")]
    )


_HERE = """((SELECT since FROM here), (SELECT id FROM here))"""
BESIDE_HELD = f"""
WITH here AS (SELECT made_at AS since, id FROM comments_hold
    WHERE settled_at IS NULL AND comment_id = %(comment)s)
{
    _beside(
        '''(SELECT '{name}', h.comment_id, NULL::bigint FROM comments_hold h
    JOIN comments_comment c ON c.id = h.comment_id
    WHERE h.settled_at IS NULL AND c.author_id IS DISTINCT FROM %(me)s
        AND (h.made_at, h.id) {compare} '''
        + _HERE
        + '''
    ORDER BY h.made_at {order}, h.id {order} LIMIT 1)'''
    )
}
"""  # noqa: S608 - put together from constants


def _beside_reported(kind: str) -> str:
    """``kind`` is how the line's reports are told from the others, as its index has it."""
    here = f"""
WITH here AS (SELECT created_at AS since, id FROM comments_report r WHERE settled_at IS NULL
    AND {kind} AND (comment_id = %(comment)s OR member_id = %(member)s)
    ORDER BY id LIMIT 1)"""  # noqa: S608 - put together from constants
    sides = _beside(
        """
(SELECT '{name}', r.comment_id, r.member_id FROM comments_report r
    LEFT JOIN comments_comment c ON c.id = r.comment_id
    WHERE r.settled_at IS NULL AND <line>
        AND r.member_id IS DISTINCT FROM %(me)s AND c.author_id IS DISTINCT FROM %(me)s
        AND NOT EXISTS (SELECT 1 FROM comments_report e WHERE e.settled_at IS NULL
            AND <earlier> AND e.comment_id = r.comment_id AND e.id < r.id)
        AND NOT EXISTS (SELECT 1 FROM comments_report e WHERE e.settled_at IS NULL
            AND <earlier> AND e.member_id = r.member_id AND e.id < r.id)
        AND (r.created_at, r.id) {compare} <here>
    ORDER BY r.created_at {order}, r.id {order} LIMIT 1)"""
    )
    sides = sides.replace("<earlier>", kind.replace("r.", "e.")).replace("<line>", kind)
    return here + sides.replace("<here>", _HERE)


BESIDE_WORRIED = _beside_reported("r.reason = 'worried'")
BESIDE_REPORTED = _beside_reported("r.reason <> 'worried'")

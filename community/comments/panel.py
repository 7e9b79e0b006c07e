"""The conversation as one reader gets it: kept pieces of HTML, joined.

What depends on nobody was rendered when it was written (words.render). Here the writer's name,
the reader's buttons and the folds are put between: plain strings, because a template for each
of 200 comments costs more than everything else on the page. Every value that a person chose is
escaped where it comes in; the rest is ours.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape  # Django's does the same at four times the cost

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from community.members.models import Member

from . import editing_time
from .models import Comment, Reaction
from .moderation import HELD_NOTE, place_of
from .threads import Row, Thread, Writer

# More replies than this fold; the first two stay, so that people see what it is about.
MOST_UNFOLDED = 3
LEFT_OPEN = 2
_relations = {value: escape(label) for value, label in Member.Relation.choices}


@dataclass
class Reader:
    """Who reads, and what that changes. A guest is ``Reader(here=...)``: the same for everyone.

    ``here`` is the address a reply link adds to, ending in ``?`` or ``&``.
    """

    here: str
    member: object | None = None
    may_write: bool = True
    locked: frozenset[int] = frozenset()  # threads that take no replies
    opened: int | None = None
    focused: int | None = None
    new_after: int | None = None
    ignored: set[int] = field(default_factory=set)
    followed: set[int] = field(default_factory=set)
    pressed: set[tuple[int, str]] = field(default_factory=set)
    kindness: dict[int, dict[str, int]] = field(default_factory=dict)
    reply_box: str = ""
    reply_to: int | None = None

    def __post_init__(self):
        # Asked for each comment, and a request's member is looked up anew at every look.
        self.member_id = self.member.pk if self.member else None

    def is_writer_of(self, row: Row) -> bool:
        return row.author is not None and row.author.pk == self.member_id

    def sees_as_new(self, row: Row) -> bool:
        if self.new_after is None or row.id <= self.new_after:
            return False
        return not self.is_writer_of(row)


def threads_html(threads: Iterable[Thread], reader: Reader) -> SafeString:
    return mark_safe("".join(thread_html(thread, reader) for thread in threads))  # noqa: S308


def thread_html(thread: Thread, reader: Reader) -> SafeString:
    """One thread: its first comment, then the replies, the later ones folded."""
    names = {}
    died = set()
    pieces = [_comment(row, reader, names, died) for row in thread.rows]
    starts = thread.rows[0].depth == 1
    first, replies = (pieces[0], pieces[1:]) if starts else ("", pieces)
    ids = [row.id for row in thread.rows[1 if starts else 0 :]]
    rest = _replies(thread, replies, ids, reader, names, fold=starts)
    more = ""
    if thread.has_more:
        whom = names.get(thread.id)
        started = f" that {whom} started" if whom else ""
        more = (
            f'<p class="more-of-thread"><a class="quiet" href="/comments/{thread.id}/thread/">'
            f"Read the whole conversation{started}</a></p>"
        )
    return mark_safe(f'<li id="t{thread.id}">{first}{rest}{more}</li>')  # noqa: S308


def comment_html(row: Row, reader: Reader, answered: Writer | Member | None = None) -> SafeString:
    """One comment alone, to take the place of an older picture of it; ``answered`` wrote what it
    is a reply to.
    """
    names = {row.parent_id: escape(answered.display_name)} if answered else {}
    return mark_safe(_comment(row, reader, names, set()))  # noqa: S308


def _replies(thread, replies, ids, reader, names, *, fold) -> str:
    if not replies:
        return ""
    if not fold or len(replies) <= MOST_UNFOLDED:
        return f'<ol class="replies">{_items(replies)}</ol>'
    hidden = ids[LEFT_OPEN:]
    is_open = reader.opened in hidden or reader.reply_to in hidden or reader.focused in hidden
    is_open = is_open or (reader.new_after is not None and hidden[-1] > reader.new_after)
    whom = names.get(thread.id)
    to_whom = f'<span class="sr"> to {whom}</span>' if whom else ""
    return (
        f'<ol class="replies">{_items(replies[:LEFT_OPEN])}<li>'
        f'<details class="open-more"{" open" if is_open else ""}>'
        f"<summary>Show {len(hidden)} more replies{to_whom}</summary>"
        f'<ol class="replies" start="{LEFT_OPEN + 1}">{_items(replies[LEFT_OPEN:])}</ol>'
        "</details></li></ol>"
    )


def _items(pieces: list[str]) -> str:
    return "".join(f"<li>{piece}</li>" for piece in pieces)


def _comment(row: Row, reader: Reader, names: dict, died: set) -> str:
    if row.html is None:
        return (
            f'<div class="gone" id="c{row.id}" tabindex="-1">'
            '<span class="avatar none" aria-hidden="true"></span>'
            f"<p>{place_of(row.state, row.broken_rule)}{_undo(row, reader)}</p></div>"
        )
    name, avatar, who, relation = _writer(row.author, reader, names)
    names[row.id] = name
    at = f"c{row.id}"
    level = f'<span class="sr">Level {row.depth} reply by </span>' if row.depth > 1 else ""
    to = ""
    if row.depth > 2 and (parent := names.get(row.parent_id)):
        to = f'<span class="reply-to">In reply to <a href="#c{row.parent_id}">{parent}</a></span> '
    elif row.depth > 2:
        to = f'<a class="reply-to" href="/comments/{row.parent_id}/">In reply to this</a> '
    if row.author and row.author.remembered_at and row.author.pk not in died:
        died.add(row.author.pk)
        relation += f'<span class="died">{name} {row.author.death_words}</span> '
    held = row.state == Comment.State.HELD
    note = f'<p class="note">{HELD_NOTE}</p>' if held else ""
    new = '<strong class="new">New</strong> ' if reader.sees_as_new(row) else ""
    focus = " data-focus" if reader.focused == row.id else ""
    html = (
        f'<article class="comment{" held" if held else ""}" id="{at}" aria-labelledby="{at}-by"'
        f' tabindex="-1"{focus}>{note}{avatar}<p class="comment-by" id="{at}-by">{level}{who}'
        f' <span class="sub">{new}{relation}{to}{row.stamp}</span></p>{_report(row, reader, name)}'
        f'<div class="comment-body" dir="auto">{row.html}</div>{acts_html(row, reader, name)}'
        "</article>"
    )
    if row.author and row.author.pk in reader.ignored:
        return (
            '<details class="fold ignored"><summary>You chose not to see '
            f"{name}. Show</summary>{html}</details>"
        )
    return html


def _writer(author, reader: Reader, names: dict):
    """Name, letter, name as it stands on the page, relation; made once for each writer."""
    if author is None:
        return (
            "A former member",
            '<span class="avatar none" aria-hidden="true"></span>',
            '<span class="who">A former member</span>',
            "",
        )
    key = ("writer", author.pk)
    if key not in names:
        name = escape(author.display_name)
        tone = ("teal", "green", "rose", "amber", "plum")[author.pk % 5]
        avatar = f'<span class="avatar {tone}" aria-hidden="true">{name[:1].upper()}</span>'
        if name.startswith("&"):
            avatar = f'<span class="avatar {tone}" aria-hidden="true"></span>'
        address = profile_of(author) if reader.member_id else ""
        who = (
            f'<a class="who" href="{escape(address)}">{name}</a>'
            if address
            else f'<span class="who">{name}</span>'
        )
        shown = author.relation_is_shown and author.relation != Member.Relation.UNSAID
        relation = f'<span class="relation">{_relations[author.relation]}</span> ' if shown else ""
        names[key] = name, avatar, who, relation
    return names[key]


def profile_of(author) -> str:
    """The address of a profile, or an empty text where there is none."""
    return _profiles().replace("HANDLE", author.handle) if author.handle else ""


@lru_cache(maxsize=1)
def _profiles() -> str:
    """Found once: two hundred writers on a page would cost a tenth of it."""
    return reverse("members:profile", args=["HANDLE"])


def _undo(row: Row, reader: Reader) -> str:
    if not reader.is_writer_of(row) or row.state != Comment.State.DELETED:
        return ""
    return f" {_button(row.id, 'undo', 'Bring it back', kind='quiet', target='.gone')}"


def _report(row: Row, reader: Reader, name: str) -> str:
    """For everyone but the writer, with or without an account, also where writing is closed."""
    if row.state != Comment.State.VISIBLE or reader.is_writer_of(row):
        return ""
    return (
        f'<a class="quiet" rel="nofollow" href="/comments/{row.id}/report/">Report'
        f'<span class="sr"> this comment by {name}</span></a>'
    )


def acts_html(row: Row, reader: Reader, name: str) -> str:
    """What this reader can do with a comment. Guests can answer; the rest needs an account."""
    acts = []
    if (
        reader.may_write
        and row.state == Comment.State.VISIBLE
        and row.thread_id not in reader.locked
    ):
        acts.append(
            f'<a class="say" rel="nofollow" href="{reader.here}reply={row.id}#reply-{row.id}"'
            f' hx-get="/comments/{row.id}/reply/">Reply<span class="sr"> to {name}</span></a>'
        )
    if reader.member_id is not None:
        acts += (
            _own_acts(row, reader) if reader.is_writer_of(row) else _kind_acts(row, reader, name)
        )
        if row.depth == 1 and row.state == Comment.State.VISIBLE:
            says = "Stop following" if row.id in reader.followed else "Follow"
            whose = f" this conversation, started by {name}"
            acts.append(_button(row.id, "follow", says, whose, kind="quiet"))
    box = reader.reply_box if reader.reply_to == row.id else ""
    return f'<div class="comment-acts">{"".join(acts)}{box}</div>' if acts or box else ""


def _button(pk: int, verb: str, says: str, to_whom="", *, kind="chip", target=".comment") -> str:
    """A button of the one form beside the list (id="act"): one token, not two hundred."""
    address = f"/comments/{pk}/{verb}/"
    return (
        f'<button class="{kind}" form="act" formaction="{address}" hx-post="{address}"'
        f' hx-target="closest {target}">{says}<span class="sr">{to_whom}</span></button>'
    )


def _own_acts(row: Row, reader: Reader) -> list[str]:
    acts = []
    if editing_time.is_open(row.created_at):
        acts.append(
            f'<a class="chip" href="/comments/{row.id}/edit/" hx-get="/comments/{row.id}/edit/"'
            ' hx-target="closest .comment">Edit<span class="sr"> your comment</span></a>'
        )
        if 'class="edited"' in row.stamp:
            acts.append(_button(row.id, "undo", "Undo the change"))
    acts.append(_button(row.id, "delete", "Delete", " your comment"))
    if found := reader.kindness.get(row.id):
        said = " and ".join(
            f"{count} said “{Reaction.Kind(kind).label}”" for kind, count in sorted(found.items())
        )
        acts.append(f'<span class="meta">Only you see this: {said}.</span>')
    return acts


def _kind_acts(row: Row, reader: Reader, name: str) -> list[str]:
    """One press each; pressing again takes it back."""
    if row.state != Comment.State.VISIBLE or row.author is None:
        return []
    kinds = Reaction.Kind
    if row.author.remembered_at:
        kinds = [Reaction.Kind.THANKS]  # she is not here too
    address = f"/comments/{row.id}/reaction/"
    return [
        f'<button class="chip" form="act" formaction="{address}" name="kind" value="{kind.value}"'
        f' aria-pressed="{"true" if (row.id, kind.value) in reader.pressed else "false"}"'
        f' hx-post="{address}" hx-target="closest .comment-acts">{kind.label}'
        f'<span class="sr"> to {name}</span></button>'
        for kind in kinds
    ]

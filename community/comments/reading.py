"""Everything a page with a conversation shows to one reader, gathered."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

from community.members.ignoring import ignored_by
from community.members.models import Member

from . import drafts, following, panel, reacting, visits
from .forms import Words
from .models import Draft
from .openness import Openness, accepted_number, openness_of, why_not
from .threads import LAST_ID, Row, Thread, page_of_threads


@dataclass
class Box:
    """The place to write, and everything it says."""

    action: str
    openness: Openness
    words: Words
    parent: Row | None = None
    member: Member | None = None
    not_now: str = ""
    must_accept: bool = True
    what_changed: str = ""
    is_from_draft: bool = False
    has_session: bool = False
    focus: bool = False

    @property
    def answered_html(self) -> SafeString:
        """What is answered, as it came through the gate when it was written."""
        return SafeString(self.parent.html or "")

    @property
    def key(self) -> str:
        """Keeps the ids of the boxes of one page apart."""
        return f"reply-{self.parent.id}" if self.parent else "write"


def member_of(request):
    """The member who reads, or None. Without a session cookie nothing is asked, so that the page
    does not vary by cookie and can be kept for everyone.
    """
    if not has_session(request) or not request.user.is_authenticated:
        return None
    return request.user


def has_session(request) -> bool:
    """Only then does a form need Django's token; a page without one is the same for everyone."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def number(text: str | None) -> int | None:
    """A positive id out of an address; odd input is no id."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 18:
        return None
    return int(text)


def sign_in_url(next_address: str, *, join=False) -> str:
    address = reverse("account_signup" if join else "account_login")
    return f"{address}?{urlencode({'next': next_address})}"


def reader_of(request, threads: list[Thread], here: str, openness: Openness) -> panel.Reader:
    """Who reads these threads. No query for a guest."""
    member = member_of(request)
    reader = panel.Reader(
        here=escape(here),
        member=member,
        may_write=openness.is_open,
        locked=openness.locked,
        opened=number(request.GET.get("comment")),
        reply_to=number(request.GET.get("reply")) if openness.is_open else None,
    )
    if member is None:
        return reader
    rows = [row for thread in threads for row in thread.rows]
    ids = [row.id for row in rows]
    reader.pressed = reacting.pressed_by(member, ids)
    reader.kindness = reacting.kindness_for([row.id for row in rows if reader.is_writer_of(row)])
    reader.followed = following.followed_threads(member, [thread.id for thread in threads])
    reader.ignored = ignored_by(member)
    return reader


def box_for(request, article, openness, *, parent=None, words=None, focus=False) -> Box:
    """The box as this reader needs it: what she typed, else her draft, else empty."""
    member = member_of(request)
    action = (
        reverse("comments:reply", args=[parent.id])
        if parent
        else reverse("comments:conversation", args=[article.slug])
    )
    box = Box(
        action=action,
        openness=openness,
        words=words or Words(),
        parent=parent,
        member=member,
        has_session=has_session(request),
        focus=focus,
    )
    if member is None:
        return box
    box.not_now = why_not(member)
    accepted = accepted_number(member)
    box.must_accept = accepted < openness.rules.number
    box.what_changed = openness.rules.changed if accepted and box.must_accept else ""
    if words is None and (draft := drafts.draft_for(member, article, parent and parent.id)):
        box.words, box.is_from_draft = words_of(draft), True
    if not box.words.form_id:
        box.words.new_form()
    if not box.words.made:
        box.words.sign_for(member)
    return box


def words_of(draft: Draft) -> Words:
    return Words(text=draft.source, content_note=draft.content_note, form_id=str(draft.pk))


def box_html(request, box: Box, template="community/comments/_write.html") -> str:
    return render_to_string(template, {"box": box}, request=request)


def conversation_of(request, article, *, start=None, words=None, at_article=True, focused=None):
    """The context of the panel. Two queries for a guest, whatever is behind the page."""
    openness = openness_of(article)
    oldest_first = request.GET.get("order") == "oldest"
    page = page_of_threads(article.pk, member_of(request), start=start, oldest_first=oldest_first)
    url = reverse("comments:conversation", args=[article.slug])
    keep = {"order": "oldest"} if oldest_first else {}
    here_keep = keep | ({"after": start} if start is not None else {})
    path = article.get_absolute_url() if at_article and not keep else url
    here = f"{path}?{urlencode(here_keep)}&" if here_keep else f"{path}?"
    reader = reader_of(request, page.threads, here, openness)
    reader.focused = focused
    if reader.member is not None:
        reader.new_after = visits.new_after(reader.member, article)
    reply_row = find_row(page.threads, reader.reply_to)
    is_open = reply_row is not None and reply_row.thread_id not in reader.locked
    if is_open and reply_row.html is not None:
        box = box_for(request, article, openness, parent=reply_row, focus=True)
        reader.reply_box = box_html(request, box, "community/comments/_reply.html")
    more = f"{url}?{urlencode(keep | {'after': page.beyond})}" if page.beyond else ""
    rows = [row for thread in page.threads for row in thread.rows]
    return {
        "article": article,
        "openness": openness,
        "threads_html": panel.threads_html(page.threads, reader),
        "count": page.count,
        "is_whole": page.is_whole,
        "is_first": page.is_first,
        "oldest_first": oldest_first,
        "more": more,
        "url": url,
        "box": box_for(request, article, openness, words=words) if openness.is_open else None,
        "first_new": min((r.id for r in rows if reader.sees_as_new(r)), default=None),
        "seen_to": max((row.id for row in rows), default=0) if page.is_first else 0,
        "is_following": reader.member and following.is_following(reader.member, article),
        "member": reader.member,
        "has_session": has_session(request),
    }


def find_row(threads: list[Thread], comment_id: int | None) -> Row | None:
    if comment_id is None or comment_id > LAST_ID:
        return None
    return next((row for t in threads for row in t.rows if row.id == comment_id), None)

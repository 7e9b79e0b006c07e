"""Parts of pages that are the same for everyone, kept until something they read has changed."""

import time
from collections import OrderedDict
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse

from .. import hearing
from .notes import Notes, may_keep, notes_at_work, reading_only, reads, right_until, taking
from .readers import FOR_NOBODY


@dataclass
class Kept:
    """A value, what it read, and until when (seconds since 1970) it is right by the clock."""

    value: object
    notes: Notes
    until: float

    def is_right(self) -> bool:
        if time.time() >= self.until or not hearing.ours.is_whole():
            return False
        return hearing.ours.is_unchanged(self.notes.tags, self.notes.since)


MOST_REMEMBERED = 200
_remembered: OrderedDict[tuple, Kept] = OrderedDict()


def remembered(key: tuple, make):
    """What ``make()`` returns, kept in this process until something it read has changed. For
    what is the same for everyone who asks with this key."""
    if not settings.READER_CACHE:
        return make()
    kept = _remembered.get(key)
    if kept is None or not kept.is_right():
        kept = _make_kept(make)
        _remembered[key] = kept
        while len(_remembered) > MOST_REMEMBERED:
            _remembered.popitem(last=False)
    reads(*kept.notes.tags)
    return kept.value


# Where a page leaves room for the part that changes more often than all the rest of it.
ROOM = "<!-- room -->"


def page_with_room(request, key: tuple, render_rest, render_part):
    """A page whose rest is remembered for readers without a session, and one part made anew.

    Only of a page that is made for nobody: whoever asks without the cache gets theirs whole.
    ``render_rest(leaves_room)`` returns the response of the whole page, or with ROOM in the place
    of the part, which ``render_part(response)`` returns. Where it leaves none, that is the page.
    """
    if FOR_NOBODY not in request.META:
        return render_rest(False)
    response = remembered((*key, request.get_host(), request.scheme), lambda: render_rest(True))
    before, room, after = response.content.partition(ROOM.encode())
    part = render_part(response).encode() if room else b""
    whole = HttpResponse(before + part + after, status=response.status_code)
    whole.headers = response.headers.copy()
    return whole


def _make_kept(make) -> Kept:
    notes = Notes(notes_at_work())
    with reading_only():  # the page around it gets the tags of the whole value
        with taking(notes):
            value = make()
        return Kept(value, notes, right_until(notes) if may_keep(notes) else 0)

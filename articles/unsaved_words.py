"""The form as an editor left it. Words are never lost: not to a time-out, not to an error."""

import re
import uuid

from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from .models import UnsavedWords

NOT_KEPT = {"csrfmiddlewaretoken", "do", "took"}
# The form has some thirty fields; what else is posted is not from it.
FIELD = re.compile(r"[a-z_]{1,40}[0-9]{0,3}", re.ASCII)
MOST_FIELDS = 200
# Forms of one article, or new articles, that were begun and never saved; the oldest gives way.
MOST_BEGUN = 20
KEY = re.compile(r"[0-9a-f]{32}")


def key_of(posted) -> str:
    """Which form it is; two tabs have two."""
    key = posted.get("key", "")
    return key if KEY.fullmatch(key) else ""


def keep(article, editor, posted: QueryDict) -> UnsavedWords:
    """Keep what was posted in place of what this form kept before, and of what it went on with."""
    key = key_of(posted)
    fields = {
        name: [value.replace("\x00", "") for value in values]  # JSON in Postgres holds none
        for name, values in list(posted.lists())[:MOST_FIELDS]
        if name not in NOT_KEPT and FIELD.fullmatch(name)
    }
    for _ in range(2):
        changed = _of(article, editor, key).update(fields=fields, kept_at=timezone.now())
        if changed:
            break
        try:
            with transaction.atomic():
                words = UnsavedWords.objects.create(
                    article=article, editor=editor, key=key, fields=fields
                )
            _forget_the_oldest(article, editor)
            forget_taken(article, editor, posted)
            return words
        except IntegrityError:
            continue  # another tab of the same editor was first
    return kept(article, editor, key)


def kept(article, editor, key: str = "") -> UnsavedWords | None:
    return _of(article, editor, key).first()


def begun(article, editor) -> list[UnsavedWords]:
    """Forms that were kept and never saved, the latest first."""
    return list(UnsavedWords.objects.filter(article=article, editor=editor).order_by("-kept_at"))


def take(words: UnsavedWords) -> QueryDict:
    """The kept words for a form of its own to go on with, which says where it took them from."""
    posted = as_posted(words)
    posted["key"] = uuid.uuid4().hex
    posted["took"] = f"{words.kept_at.isoformat()} {words.key}"
    return posted


def forget_taken(article, editor, posted: QueryDict) -> bool:
    """What a form went on with is in that form now, unless another tab has kept more since."""
    at, _, key = posted.get("took", "").partition(" ")
    try:
        kept_at = parse_datetime(at)
    except ValueError:
        kept_at = None
    if kept_at is None or not is_aware(kept_at) or (key and not KEY.fullmatch(key)):
        return False
    deleted, _ = _of(article, editor, key).filter(kept_at=kept_at).delete()
    return bool(deleted)


def forget(article, editor, key: str = "") -> bool:
    deleted, _ = _of(article, editor, key).delete()
    return bool(deleted)


def _of(article, editor, key: str):
    return UnsavedWords.objects.filter(article=article, editor=editor, key=key)


def _forget_the_oldest(article, editor) -> None:
    stay = UnsavedWords.objects.filter(article=article, editor=editor).order_by("-kept_at")
    UnsavedWords.objects.filter(article=article, editor=editor).exclude(
        pk__in=list(stay.values_list("pk", flat=True)[:MOST_BEGUN])
    ).delete()


def as_posted(words: UnsavedWords) -> QueryDict:
    posted = QueryDict(mutable=True)
    for name, values in words.fields.items():
        posted.setlist(name, values)
    return posted


def first_words(words: UnsavedWords) -> str:
    """What it is known by in a list: its title, else how its text begins."""
    for name in ("title", "standfirst", "body"):
        if text := " ".join("".join(words.fields.get(name, [])).split()):
            return text[:60]
    return "No words yet"

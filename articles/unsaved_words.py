"""The form as an editor left it. Words are never lost: not to a time-out, not to an error."""

import re

from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone

from .models import UnsavedWords

NOT_KEPT = {"csrfmiddlewaretoken", "do"}
# The form has some thirty fields; what else is posted is not from it.
FIELD = re.compile(r"[a-z_]{1,40}[0-9]{0,3}", re.ASCII)
MOST_FIELDS = 200
# New articles that were begun and never saved; the oldest gives way.
MOST_BEGUN = 20
KEY = re.compile(r"[0-9a-f]{32}")


def key_of(article, posted) -> str:
    """Which new article a form is about; the form for a saved one needs no key."""
    key = "" if article else posted.get("key", "")
    return key if KEY.fullmatch(key) else ""


def keep(article, editor, posted: QueryDict) -> UnsavedWords:
    """Keep what was posted in place of what this form kept before."""
    key = key_of(article, posted)
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
            if not article:
                _forget_the_oldest(editor)
            return words
        except IntegrityError:
            continue  # another tab of the same editor was first
    return kept(article, editor, key)


def kept(article, editor, key: str = "") -> UnsavedWords | None:
    return _of(article, editor, key).first()


def begun(editor) -> list[UnsavedWords]:
    """New articles that were kept and never saved, the latest first."""
    return list(UnsavedWords.objects.filter(article=None, editor=editor).order_by("-kept_at"))


def forget(article, editor, key: str = "") -> bool:
    deleted, _ = _of(article, editor, key).delete()
    return bool(deleted)


def _of(article, editor, key: str):
    return UnsavedWords.objects.filter(article=article, editor=editor, key="" if article else key)


def _forget_the_oldest(editor) -> None:
    stay = UnsavedWords.objects.filter(article=None, editor=editor).order_by("-kept_at")
    UnsavedWords.objects.filter(article=None, editor=editor).exclude(
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

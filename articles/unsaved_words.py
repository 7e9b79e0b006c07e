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


def keep(article, editor, posted: QueryDict) -> UnsavedWords:
    """Keep what was posted in place of what was kept before."""
    fields = {
        name: [value.replace("\x00", "") for value in values]  # JSON in Postgres holds none
        for name, values in list(posted.lists())[:MOST_FIELDS]
        if name not in NOT_KEPT and FIELD.fullmatch(name)
    }
    for _ in range(2):
        changed = UnsavedWords.objects.filter(article=article, editor=editor).update(
            fields=fields, kept_at=timezone.now()
        )
        if changed:
            break
        try:
            with transaction.atomic():
                return UnsavedWords.objects.create(article=article, editor=editor, fields=fields)
        except IntegrityError:
            continue  # another tab of the same editor was first
    return kept(article, editor)


def kept(article, editor) -> UnsavedWords | None:
    return UnsavedWords.objects.filter(article=article, editor=editor).first()


def forget(article, editor) -> bool:
    deleted, _ = UnsavedWords.objects.filter(article=article, editor=editor).delete()
    return bool(deleted)


def as_posted(words: UnsavedWords) -> QueryDict:
    posted = QueryDict(mutable=True)
    for name, values in words.fields.items():
        posted.setlist(name, values)
    return posted

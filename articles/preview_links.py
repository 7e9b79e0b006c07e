"""Signed links that show one revision to whoever holds them, for a week."""

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.urls import reverse

from advocacy_site.addresses import whole_address

from .models import Revision

LASTS = timedelta(days=7)
PURPOSE = "articles.preview"


@dataclass(frozen=True)
class Opened:
    """``revision`` is None when the link was altered, has expired or shows what is gone."""

    revision: Revision | None
    has_expired: bool = False


def preview_address(revision: Revision) -> str:
    """The token names a revision by its number in the database; no word of it is in there."""
    return reverse("articles:preview", args=[signing.dumps(revision.pk, salt=PURPOSE)])


def open_link(token: str) -> Opened:
    try:
        pk = signing.loads(token, salt=PURPOSE, max_age=LASTS)
    except signing.SignatureExpired:
        return Opened(None, has_expired=True)
    except signing.BadSignature:
        return Opened(None)
    return Opened(Revision.objects.select_related("article").filter(pk=pk).first())


def link_to_share(revision: Revision) -> str:
    return whole_address(preview_address(revision))

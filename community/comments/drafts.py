"""Words not yet posted: nothing typed is ever lost on the way to an account.

A member's draft is hers. Somebody who has yet to sign in gets a cookie, at the moment she sends
her words and never before; the row keeps only a hash of it. Signing in from the page that keeps
them leads back there, and they become hers with the next press. Whoever signs in at the same
browser by another way is somebody else for all we know, and sees nothing of them.
"""

import hashlib
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import Resolver404, resolve
from django.utils import timezone

from community.members.doors import CAME_FROM

from .models import Draft

KEEP_FOR = timedelta(days=30)
KEEP_FOR_GUESTS = timedelta(days=2)
MOST_DRAFTS = 50


def draft_key(request) -> bytes | None:
    """What the rows of this browser's drafts are found by."""
    token = request.get_signed_cookie(settings.DRAFT_COOKIE_NAME, None, salt="draft")
    return hashlib.sha256(token.encode()).digest() if token else None


def give_key(request, response) -> bytes:
    """The key of this browser, with a cookie for it on ``response`` where there was none."""
    if key := draft_key(request):
        return key
    token = secrets.token_urlsafe(32)
    response.set_signed_cookie(
        settings.DRAFT_COOKIE_NAME,
        token,
        salt="draft",
        max_age=KEEP_FOR_GUESTS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return hashlib.sha256(token.encode()).digest()


def drafts_of(request):
    """The drafts this browser or this member may open."""
    key = draft_key(request)
    mine = Q(key=key, key__isnull=False)
    if request.user.is_authenticated:
        mine = Q(member=request.user) | (mine & Q(pk=came_from(request)))
    return Draft.objects.filter(mine).select_related("article", "parent", "parent__author")


def came_from(request):
    """The draft whose page this session's sign-in began at, if it began at one."""
    try:
        match = resolve(urlsplit(request.session.get(CAME_FROM, "")).path)
    except Resolver404:
        return None
    return match.kwargs["pk"] if match.view_name == "comments:draft" else None


@transaction.atomic
def save_for(member, *, article, parent, source, content_note="", rules=None) -> Draft:
    """One draft for each place; saving again puts the new words in."""
    draft, _ = Draft.objects.update_or_create(
        member=member,
        article=article,
        parent=parent,
        defaults={
            "source": source,
            "content_note": content_note,
            "rules": rules,
            "saved_at": timezone.now(),
        },
    )
    old = Draft.objects.filter(member=member).order_by("-saved_at").values("pk")[MOST_DRAFTS:]
    Draft.objects.filter(pk__in=list(old)).delete()
    return draft


def save_for_guest(key: bytes, **place_and_words) -> Draft:
    return Draft.objects.create(key=key, **place_and_words)


def draft_for(member, article, parent=None) -> Draft | None:
    return Draft.objects.filter(member=member, article=article, parent=parent).first()


def forget_old(*, dry_run=False) -> int:
    """Delete drafts past their time; tell how many. Safe to repeat."""
    now = timezone.now()
    old = Draft.objects.filter(
        Q(saved_at__lt=now - KEEP_FOR) | Q(key__isnull=False, saved_at__lt=now - KEEP_FOR_GUESTS)
    )
    return old.count() if dry_run else old.delete()[0]

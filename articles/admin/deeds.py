"""One press, one deed: each answers POST only, checks its right, acts and says what it did."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from .. import unsaved_words
from ..audit import Deed, log
from ..models import Article
from ..moments import in_words
from ..publishing import NotReady, bring_back, cancel_schedule, send_back, withdraw
from ..revisions import free_slug, start_article, working_revision
from ..rights import edits_all, may_publish, may_start
from ..source_checks import check_all_sources
from .writing import find, read_moment

WITHDRAWN = "It is withdrawn."


def must_publish(request) -> None:
    if not may_publish(request.user):
        raise PermissionDenied


@require_POST
def cancel(request, admin, object_id):
    """Editors: take a schedule off."""
    article = find(request, object_id)
    must_publish(request)
    if cancel_schedule(article, by=request.user):
        done = "The schedule is cancelled. The words are kept."
        last = article.audit_entries.first()
        messages.success(request, f"{done} {last.detail}.")
    return redirect("admin:articles_article_change", article.pk)


def withdraw_page(request, admin, object_id):
    """Editors: a page that asks why, and from when on; then it is done."""
    article = find(request, object_id)
    must_publish(request)
    problem = ""
    if request.method == "POST":
        try:
            return withdraw_now(request, article)
        except NotReady as not_ready:
            problem = str(not_ready)
    context = {
        **admin.admin_site.each_context(request),
        "opts": Article._meta,
        "title": f"Withdraw “{article}”",
        "article": article,
        "problem": problem,
        "reason": request.POST.get("reason", article.withdrawal_reason),
        "at": request.POST.get("at", ""),
    }
    return TemplateResponse(request, "admin/articles/article/withdraw.html", context)


def withdraw_now(request, article):
    reason = " ".join(request.POST.get("reason", "").replace("\x00", "").split())
    if len(reason) > 200:
        raise NotReady("Use 200 characters or fewer for the reason.")
    at = read_moment(request.POST["at"]) if request.POST.get("at") else None
    next_at = article.next_at
    withdraw(article, reason, by=request.user, at=at)
    if not article.withdraw_at:
        raise NotReady("Readers do not see it now, so there is nothing to withdraw.")
    # A second press finds it done, and is told the same.
    taken_off = ""
    if next_at and not article.next_at:
        taken_off = f" The revision scheduled for {in_words(next_at)} is taken off with it."
    if article.is_withdrawn:
        # The message carries an Undo button; see templatetags/desk.py.
        text = f"{WITHDRAWN}{taken_off}"
        messages.success(request, text, extra_tags=f"undo-withdrawal-{article.pk}")
    else:
        moment = in_words(article.withdraw_at)
        messages.success(request, f"It will be withdrawn on {moment}.{taken_off}")
    return redirect("admin:articles_article_change", article.pk)


@require_POST
def undo_withdrawal(request, admin, object_id):
    """Editors: readers see it again, as it was."""
    article = find(request, object_id)
    must_publish(request)
    was_withdrawn = article.is_withdrawn
    if bring_back(article, by=request.user):
        done = "Undone. Readers see it as before." if was_withdrawn else "It stays with readers."
        last = article.audit_entries.first()
        messages.success(request, f"{done} {last.detail.removeprefix('The withdrawal.')}".strip())
    return redirect("admin:articles_article_change", article.pk)


@require_POST
def return_to_writer(request, admin, object_id):
    """Editors: not yet, and why."""
    article = find(request, object_id)
    must_publish(request)
    reason = " ".join(request.POST.get("reason", "").replace("\x00", "").split())[:1000]
    try:
        if send_back(article, reason, by=request.user):
            messages.success(request, "Sent back. The writer sees your words above the text.")
    except NotReady as not_ready:
        messages.error(request, str(not_ready))
    return redirect("admin:articles_article_change", article.pk)


@require_POST
def check_sources(request, admin):
    """Editors: the worker asks every cited address once more."""
    if not edits_all(request.user):
        raise PermissionDenied
    check_all_sources.enqueue()
    messages.success(request, "The sources are being checked. What no longer answers shows here.")
    return redirect("admin:index")


@require_POST
def duplicate(request, admin, object_id):
    """Who may start an article: a new draft with the same words."""
    article = find(request, object_id)
    if not may_start(request.user):
        raise PermissionDenied
    copy = duplicate_article(article, by=request.user)
    messages.success(request, "This is the copy. It is a draft.")
    return redirect("admin:articles_article_change", copy.pk)


@transaction.atomic
def duplicate_article(article: Article, *, by) -> Article:
    """Dates of checks and changes belong to the first one and stay there."""
    content = dict(working_revision(article).content)
    title = f"{content['title'][:112]} (copy)" if content["title"] else ""
    content |= {"title": title, "slug": free_slug(title), "change_note": ""}
    content |= {"reviewed_on": None, "reviewed_by": "", "review_due": None}
    copy = start_article(content, by=by, note=f"Copied from {article}"[:200]).revision.article
    log(copy, Deed.DUPLICATED, by=by, detail=f"From “{article}”")
    return copy


@require_POST
def forget_words(request, admin, object_id=None):
    """Their writer: throw away what was kept and not saved."""
    article = find(request, object_id) if object_id else None
    if article is None and not may_start(request.user):
        raise PermissionDenied
    is_gone = unsaved_words.forget(article, request.user, unsaved_words.key_of(request.POST))
    if unsaved_words.forget_taken(article, request.user, request.POST) or is_gone:
        messages.success(request, "The unsaved words are gone. This is what was saved last.")
    if article:
        return redirect("admin:articles_article_change", article.pk)
    return redirect("admin:articles_article_add")

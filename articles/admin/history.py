"""Every save of an article: read, compare, go back to."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from ..audit import Deed, log
from ..comparing import compare
from ..models import Article, Revision
from ..revisions import lock, save_revision, working_revision
from ..rights import may_read, may_write
from .writing import find

A_PAGE = 50


def find_revision(article, number) -> Revision:
    if not str(number).isdecimal() or len(str(number)) > 9:
        raise Http404
    return get_object_or_404(article.revisions.select_related("made_by"), number=number)


def context_of(request, admin, article, title, **more):
    return {
        **admin.admin_site.each_context(request),
        "opts": Article._meta,
        "title": title,
        "article": article,
        "may_write": may_write(request.user, article),
        **more,
    }


def history(request, admin, object_id):
    """Who may read it: its saves, newest first."""
    article = find(request, object_id, may=may_read)
    revisions = article.revisions.defer("content").select_related("made_by").order_by("-number")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 10:
        revisions = revisions.filter(number__lt=before)
    found = list(revisions[: A_PAGE + 1])
    newest = Revision.objects.working(article)
    context = context_of(
        request,
        admin,
        article,
        f"History of “{article}”",
        revisions=found[:A_PAGE],
        older=found[A_PAGE - 1].number if len(found) > A_PAGE else None,
        working=newest,
        deeds=article.audit_entries.select_related("by")[:20],
    )
    return TemplateResponse(request, "admin/articles/article/history.html", context)


def compare_page(request, admin, object_id):
    """Who may read it: two of its revisions, field by field."""
    article = find(request, object_id, may=may_read)
    one = find_revision(article, request.GET.get("one", ""))
    other = find_revision(article, request.GET.get("other", ""))
    older, newer = sorted((one, other), key=lambda revision: revision.number)
    context = context_of(
        request,
        admin,
        article,
        f"Revisions {older.number} and {newer.number}",
        older=older,
        newer=newer,
        changes=compare(older.content, newer.content),
        working=Revision.objects.working(article),
    )
    return TemplateResponse(request, "admin/articles/article/compare.html", context)


def conflict(request, admin, object_id, number):
    """Who may write it: her words beside those someone saved meanwhile, and a choice."""
    article = find(request, object_id)
    mine = find_revision(article, number)
    theirs = Revision.objects.select_related("made_by").working(article)
    context = context_of(
        request,
        admin,
        article,
        "Two people saved this article",
        mine=mine,
        theirs=theirs,
        changes=compare(theirs.content, mine.content),
    )
    return TemplateResponse(request, "admin/articles/article/conflict.html", context)


def restore(request, admin, object_id, number):
    """Who may write it: GET asks, POST makes the words of a revision the newest again."""
    article = find(request, object_id)
    revision = find_revision(article, number)
    working = working_revision(article)
    if request.method == "POST":
        return restore_now(request, article, revision)
    context = context_of(
        request,
        admin,
        article,
        f"Go back to revision {revision.number}?",
        revision=revision,
        working=working,
        changes=compare(working.content, revision.content),
    )
    return TemplateResponse(request, "admin/articles/article/restore.html", context)


@transaction.atomic
def restore_now(request, article, revision):
    """``seen`` is the newest revision the person had before her eyes when she decided."""
    seen = request.POST.get("seen", "")
    lock(article)
    if seen.isdecimal() and len(seen) < 10 and working_revision(article).number > int(seen):
        messages.warning(
            request, "Someone saved again meanwhile. Look at the newest words before you decide."
        )
        return redirect("admin:articles_article_conflict", article.pk, revision.number)
    saved = save_revision(
        article,
        revision.content,
        by=request.user,
        note=f"Restored from revision {revision.number}",
        restored_from=revision.number,
    )
    if saved.changed:
        detail = f"Revision {revision.number}, as revision {saved.revision.number}"
        log(article, Deed.RESTORED, by=request.user, revision=saved.revision.number, detail=detail)
        messages.success(
            request, f"Revision {saved.revision.number} says again what {revision.number} said."
        )
    else:
        messages.info(request, "These are the newest words already.")
    return redirect("admin:articles_article_change", article.pk)

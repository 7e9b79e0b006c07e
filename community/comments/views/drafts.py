from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from .. import drafts as keeping
from ..forms import Words
from ..models import Comment
from ..openness import of_thread, openness_of, why_not
from ..reading import box_for, member_of, sign_in_url, words_of
from .answers import form_that_keeps_words, members_only, see
from .posting import STALE, TOO_MANY, post_draft


@require_safe
@members_only
def drafts(request):
    """Members: what I have not posted yet."""
    found = list(keeping.drafts_of(request).order_by("-saved_at")[: keeping.MOST_DRAFTS])
    return render(request, "community/comments/drafts.html", {"drafts": found})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@form_that_keeps_words
def draft(request, pk):
    """Whoever wrote it: by account, or by the cookie that came with the words."""
    draft = keeping.drafts_of(request).filter(pk=pk).first()
    if draft is None:
        return see(get_object_or_404(posted_from(request), form_id=pk).get_absolute_url())
    if request.method == "POST" and "delete" in request.POST and request.token_is_good:
        draft.delete()
        return see(reverse("comments:drafts") if member_of(request) else "/")
    openness = openness_of(draft.article)
    if draft.parent_id:
        openness = of_thread(openness, draft.parent.thread_id)
    words = words_of(draft)
    if request.method == "POST":
        words = Words.sent_by(request.POST)
    context = draft_context(request, draft, openness, words)
    if request.method == "POST" and context["may_post"]:
        box = context["box"]
        if "preview" in request.POST:
            words.preview()
        elif not request.token_is_good:
            words.errors["text"] = STALE
        elif words.check() and words.check_accepted(openness.rules, must_accept=box.must_accept):
            if posted := post_draft(request, draft, openness, words):
                return posted
            words.errors["text"] = TOO_MANY
    return render(request, "community/comments/draft.html", context)


def posted_from(request):
    """What became of drafts: a second press, or the back button, leads to the comment."""
    return Comment.objects.filter(author=member_of(request), author__isnull=False)


def draft_context(request, draft, openness, words):
    """Whether it can be posted now, and if not, what stands in the way."""
    member = member_of(request)
    here = reverse("comments:draft", args=[draft.pk])
    parent_is_gone = draft.parent_id and not (
        Comment.objects.visible_to(None).filter(pk=draft.parent_id).exists()
    )
    in_the_way = openness.closed or (member and why_not(member)) or ""
    if not draft.article.is_published:
        in_the_way = "The article is no longer on the site."
    elif parent_is_gone:
        in_the_way = "The comment you answered is no longer there. Copy your words if you want to."
    box = None
    if openness.is_open:
        box = box_for(request, draft.article, openness, words=words)
        # Who ticked the box before signing in has read these rules.
        box.must_accept = box.must_accept and draft.rules_id != openness.rules.pk
        box.action = here
    return {
        "draft": draft,
        "article": draft.article,
        "box": box,
        "words": words,
        "in_the_way": in_the_way,
        "may_post": bool(member and box and not in_the_way),
        "member": member,
        "sign_in": sign_in_url(here),
        "join": sign_in_url(here, join=True),
        "is_guest_draft": draft.member_id is None,
    }

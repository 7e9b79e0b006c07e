"""The conversation under one article, and the list of all of them."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from advocacy_site.ratelimits import minutes, rate_limit
from advocacy_site.reader_cache import reader_page
from advocacy_site.same_origin import public_form
from articles.due import find_up_to_date
from articles.models import Article
from community.members.hiding import hidden_topics

from .. import following, visits
from ..forms import Words
from ..listing import note_hidden_topics, page_of_conversations
from ..openness import openness_of
from ..reading import conversation_of, member_of, number
from .answers import announce, form_that_keeps_words, members_only, see
from .posting import receive, write_page

PANEL = "community/comments/_conversation.html"


def public_article(slug: str) -> Article:
    """As readers see it this very minute."""
    articles = Article.objects.published().defer_texts()
    if article := find_up_to_date(articles.filter(slug=slug)):
        return article
    raise Http404


@reader_page
@require_http_methods(["GET", "HEAD", "POST"])
@form_that_keeps_words
def conversation(request, slug):
    """Open to everyone. POST: anyone may write; who is not signed in signs in before it shows."""
    article = public_article(slug)
    if request.method == "POST":
        return begin_thread(request, article)
    start = number(request.GET.get("after"))
    panel = conversation_of(request, article, start=start, at_article=False)
    if request.htmx and start is not None:
        return render(request, "community/comments/_threads.html", panel | {"focus_first": True})
    return render(request, "community/comments/conversation.html", panel)


def begin_thread(request, article):
    openness = openness_of(article)
    if not openness.is_open:
        return refuse(request, article, openness, None)

    def hand_back(box):
        if request.htmx:
            return render(request, "community/comments/_write.html", {"box": box})
        return write_page(request, article, box)

    def show(comment):
        panel = conversation_of(request, article, focused=comment.pk)
        html = render_to_string(PANEL, panel, request=request)
        return announce(HttpResponse(html), "", HX_Retarget="#talk", HX_Reswap="outerHTML")

    return receive(request, article, openness, None, hand_back, show)


def refuse(request, article, openness, parent):
    """Closed while somebody wrote: the words come back so that they can be kept elsewhere."""
    words = Words.sent_by(request.POST)
    return render(
        request,
        "community/comments/closed.html",
        {"article": article, "openness": openness, "words": words},
        status=409,
    )


@public_form
@require_POST
@rate_limit("preview-comment", to=300, per=minutes(10))
def preview(request):
    """Open to everyone: what the words will look like. Keeps nothing."""
    words = Words.sent_by(request.POST)
    words.preview()
    return render(request, "community/comments/_preview.html", {"words": words})


@require_POST
@members_only
def seen(request, slug):
    """Members: remember up to where this conversation has been on my page."""
    article = public_article(slug)
    if up_to := number(request.POST.get("up_to")):
        visits.saw(request.user, article, up_to)
    if request.htmx:
        return HttpResponse(status=204)
    return see(article.get_absolute_url(), "#talk")


@require_POST
@members_only
def follow_article(request, slug):
    """Members: hear of comments under this article, or stop."""
    article = public_article(slug)
    is_following = following.toggle(request.user, article=article)
    if not request.htmx:
        return see(article.get_absolute_url(), "#talk")
    context = {"article": article, "is_following": is_following, "focus": True}
    said = "You follow this article." if is_following else "You no longer follow this article."
    return announce(render(request, "community/comments/_follow.html", context), said)


@reader_page
@require_safe
def talk(request):
    """Open to everyone: articles by latest conversation."""
    page = page_of_conversations(number(request.GET.get("before")))
    if member := member_of(request):
        note_hidden_topics(page.latest, hidden_topics(member))
    return render(request, "community/comments/talk.html", vars(page))

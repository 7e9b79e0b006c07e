"""The pages of the magazine. All are open to everyone; only editors see what is not published."""

from django.core.files.storage import default_storage
from django.db.models import Exists, Subquery, prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import SafeString
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from advocacy_site.content_security import MEDIA_POLICY
from advocacy_site.error_pages import gone
from advocacy_site.reader_cache import page_with_room, reader_page
from community.policies.models import Policy, PolicyVersion, render_posted_text

from .due import apply_due, apply_step, due_articles, find_up_to_date, is_due, read_up_to_date
from .models import Article, Contributor, FormerSlug, Topic, with_contributors, with_topics
from .pages import page_of
from .reading_next import articles_to_read_next
from .rights import may_read
from .share_picture import share_picture

ON_HOME = 7


@reader_page
@require_safe
def home(request):
    return page_with_room(
        request,
        ("home",),
        lambda leaves_room: whole_home(request, leaves_room),
        lambda page: render_to_string("_home_talk.html"),
    )


def whole_home(request, leaves_room):
    newest = read_up_to_date(Article.objects.published().newest_first().for_cards()[:ON_HOME])
    return render(
        request,
        "home.html",
        {
            "lead": newest[0] if newest else None,
            "articles": newest[1:],
            "topics": Topic.objects.all(),
            "leaves_room": leaves_room,
        },
    )


@reader_page
@require_safe
def article_list(request):
    page = page_of(Article.objects.published(), request.GET.get("before", ""), request.path)
    return render(request, "articles/list.html", {**vars(page), "topics": Topic.objects.all()})


@reader_page
@require_safe
def article(request, slug):
    """Published: everyone. Withdrawn: a line on why. Otherwise only editors, as a preview."""
    return page_with_room(
        request,
        ("article", slug),
        lambda leaves_room: whole_article(request, slug, leaves_room),
        lambda page: render_to_string("articles/_talk.html", {"article": page.article}, request),
    )


def whole_article(request, slug, leaves_room):
    article = find_article(slug)
    if article is not None and is_due(article):
        apply_step(article)
        # Its address may have changed with its words.
        if article.slug != slug:
            return redirect(article)
        article = find_article(slug)
    if article is not None and article.something_is_due and apply_due():
        # One of those it offers to read next.
        article = find_article(slug)
    if article is None and apply_due():
        # It may be the address that comes with the words of this minute.
        article = find_article(slug)
    if article is None:
        return redirect_from_former_slug(request, slug)
    if article.is_withdrawn:
        return gone(request, title=article.title, reason=article.withdrawal_reason)
    if not may_see(request, article):
        raise Http404
    page = render_article(request, article, leaves_room=leaves_room)
    if not article.is_published:  # only an editor gets here, and no machine may keep it
        add_never_cache_headers(page)
    page.article = without_texts(article)
    return page


def without_texts(article) -> Article:
    """What its conversation asks of an article that is remembered."""
    kept = ("pk", "slug", "title", "published_at", "withdraw_at")
    return Article(**{name: getattr(article, name) for name in kept})


def find_article(slug):
    """With the disclaimer in force beside it and whether a revision is due anywhere, which would
    be one query more each."""
    in_force = PolicyVersion.objects.of_kind(Policy.Kind.DISCLAIMER)
    articles = Article.objects.select_related("hero", "disclaimer__policy")
    with_disclaimer = articles.annotate(
        disclaimer_in_force=Subquery(in_force.values("body")[:1]),
        something_is_due=Exists(due_articles()),
    )
    return with_disclaimer.filter(slug=slug).first()


def disclaimer_of(article) -> SafeString:
    """The one the editor chose, else the one in force; empty before there is one."""
    if article.disclaimer:
        return article.disclaimer.body_html
    if not hasattr(article, "disclaimer_in_force"):  # a revision shown as an article
        version = PolicyVersion.objects.in_force(Policy.Kind.DISCLAIMER)
        return version.body_html if version else SafeString("")
    return render_posted_text(article.disclaimer_in_force or "")


def may_see(request, article) -> bool:
    return article.is_published or may_read(request.user, article)


def redirect_from_former_slug(request, slug):
    former = FormerSlug.objects.select_related("article").filter(slug=slug).first()
    if former is None or not (former.article.is_withdrawn or may_see(request, former.article)):
        # Asked also where there is nothing, so that a draft's 404 differs in no header.
        request.user.is_authenticated  # noqa: B018
        raise Http404
    response = redirect(former.article, permanent=True)
    # An editor may move the article back: a browser must not hold this for ever.
    response.headers["Cache-Control"] = "max-age=3600"
    return response


def render_article(request, article, *, preview_of=None, leaves_room=False):
    """``preview_of`` is the revision shown instead of what readers see, if it is one."""
    related = articles_to_read_next(article)
    shown = [*related] if preview_of else [article, *related]
    prefetch_related_objects(shown, with_topics())
    if not preview_of:
        prefetch_related_objects([article], with_contributors())
    return render(
        request,
        "articles/article.html",
        {
            "article": article,
            "topics": article.topic_list,
            "contributors": article.contributor_list,
            "related": related,
            "disclaimer": disclaimer_of(article),
            "is_preview": bool(preview_of) or not article.is_published,
            "preview_of": preview_of,
            "leaves_room": leaves_room,
        },
    )


@require_safe
@csp_override(MEDIA_POLICY)
def share(request, slug):
    """Open to everyone, for published articles: the picture other sites show beside a link."""
    articles = Article.objects.published().defer_texts().prefetch_related(with_topics())
    article = find_up_to_date(articles.filter(slug=slug))
    if article is None:
        raise Http404
    topic = article.main_topic
    name = share_picture(article.title, topic.name if topic else "")
    with default_storage.open(name) as file:
        response = HttpResponse(file.read(), content_type="image/png")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@reader_page
@require_safe
def topics(request):
    return render(request, "articles/topics.html", {"topics": Topic.objects.all()})


@reader_page
@require_safe
def topic(request, slug):
    topic = get_object_or_404(Topic, slug=slug)
    page = page_of(
        Article.objects.published().filter(topics=topic),
        request.GET.get("before", ""),
        request.path,
    )
    return render(request, "articles/topic.html", {"topic": topic, **vars(page)})


@reader_page
@require_safe
def contributor(request, slug):
    contributor = get_object_or_404(Contributor, slug=slug)
    page = page_of(
        Article.objects.published().filter(contributors=contributor),
        request.GET.get("before", ""),
        request.path,
    )
    return render(request, "articles/contributor.html", {"contributor": contributor, **vars(page)})

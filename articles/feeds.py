"""Atom and JSON Feed, with the full text. ``ConditionalGetMiddleware`` answers 304 by ETag."""

import re
import uuid

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.views.decorators.http import require_safe

from advocacy_site.addresses import whole_address
from advocacy_site.reader_cache import reader_page
from advocacy_site.typed_text import without_controls
from community.policies.models import Policy, PolicyVersion

from .due import read_up_to_date
from .models import Article, Topic, with_contributors, with_topics
from .views import disclaimer_of

SHOWN = 20
# An id outlives a change of the address and of the site's name.
NAMESPACE = uuid.UUID("8d1b3c52-53fb-4b57-9f10-2f3c2b7a51de")
HONEST = "<p><strong>Demonstration article.</strong> Not medically reviewed.</p>"
_LINK = re.compile(r'\b(href|src)="/(?!/)')
_SIZES = re.compile(r' (?:srcset|sizes)="[^"]*"')
_POLL = re.compile(r'<div class="poll-place"[^>]*></div>')


class FullTextAtom(Atom1Feed):
    def add_item(self, **fields):
        """One word of an older text that XML does not allow must not take the feed away."""
        super().add_item(
            **{
                name: without_controls(value) if isinstance(value, str) else value
                for name, value in fields.items()
            }
        )

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


@reader_page
@require_safe
def atom(request, slug=None):
    """Open to everyone: the newest articles, or those of a topic."""
    topic, articles = newest(slug)
    feed = FullTextAtom(
        title=without_controls(title_of(topic)),
        link=whole_address(page_of(topic)),
        description="",
        language="en-us",
        feed_url=whole_address(request.path),
        feed_guid=urn(f"feed-{slug or ''}"),
    )
    for article in articles:
        writers = [writer.name for writer in article.contributor_list]
        feed.add_item(
            title=article.title,
            link=whole_address(article.get_absolute_url()),
            description=article.standfirst,
            content=full_text(article),
            unique_id=urn(f"article-{article.pk}"),
            pubdate=article.published_at,
            updateddate=changed_at(article),
            author_name=", ".join(writers) or settings.SITE_NAME,
            categories=[without_controls(topic.name) for topic in article.topic_list],
        )
    return HttpResponse(
        feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )


@reader_page
@require_safe
def json_feed(request, slug=None):
    """Open to everyone: the newest articles, or those of a topic."""
    topic, articles = newest(slug)
    return JsonResponse(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": title_of(topic),
            "home_page_url": whole_address(page_of(topic)),
            "feed_url": whole_address(request.path),
            "language": "en-US",
            "items": [
                {
                    "id": urn(f"article-{article.pk}"),
                    "url": whole_address(article.get_absolute_url()),
                    "title": article.title,
                    "summary": article.standfirst,
                    "content_html": full_text(article),
                    "date_published": article.published_at.isoformat(),
                    "date_modified": changed_at(article).isoformat(),
                    "authors": [{"name": writer.name} for writer in article.contributor_list],
                    "tags": [topic.name for topic in article.topic_list],
                }
                for article in articles
            ],
        },
        content_type="application/feed+json",
    )


def newest(slug):
    articles = Article.objects.published().newest_first()
    articles = articles.select_related("disclaimer__policy")
    articles = articles.prefetch_related(with_topics(), with_contributors())
    topic = get_object_or_404(Topic, slug=slug) if slug else None
    if topic:
        articles = articles.filter(topics=topic)
    found = read_up_to_date(articles[:SHOWN])
    in_force = PolicyVersion.objects.in_force(Policy.Kind.DISCLAIMER)
    for article in found:
        article.disclaimer_in_force = in_force.body if in_force else ""
    return topic, found


def title_of(topic) -> str:
    return f"{settings.SITE_NAME}: {topic.name}" if topic else settings.SITE_NAME


def page_of(topic) -> str:
    return topic.get_absolute_url() if topic else reverse("articles:list")


def changed_at(article):
    """When readers' words last changed."""
    moments = (article.published_at, article.live_at, article.updated_at)
    return max(moment for moment in moments if moment)


def urn(name: str) -> str:
    return uuid.uuid5(NAMESPACE, name).urn


def full_text(article) -> str:
    """The article with its sources, its links whole, and what its page says about it. A poll
    needs the page: a link stands in its place."""
    sources = f"<h2>Sources</h2>{article.sources_html}" if article.sources_html else ""
    honest = HONEST if article.is_demonstration else ""
    poll = f'<p><a href="{escape(article.get_absolute_url())}">Vote in the poll on our site</a></p>'
    text = f"{honest}{article.body_html}{sources}{disclaimer_of(article)}"
    text = _SIZES.sub("", _POLL.sub(poll, text))
    return _LINK.sub(rf'\1="{whole_address("/")}', text)

"""What an article says of itself to machines, as schema.org has it. Nothing that is not true."""

import json
import re

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe

from advocacy_site.addresses import whole_address

_SOURCE = re.compile(r'<li id="source-\d+">(.*?)</li>', re.DOTALL)
_BACK = re.compile(r'<a class="back".*?</a>', re.DOTALL)
# Inside a script element only these could end it or start another.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def structured_data(article, topics, contributors) -> dict:
    whole = whole_address
    address = whole(article.get_absolute_url())
    about = {
        "@type": "Article",
        "@id": f"{address}#article",
        "headline": article.title,
        "description": article.standfirst,
        "mainEntityOfPage": address,
        "image": whole(reverse("articles:share_picture", args=[article.slug])),
        "datePublished": article.published_at.isoformat(),
        "dateModified": max(
            at for at in (article.published_at, article.live_at, article.updated_at) if at
        ).isoformat(),
        "inLanguage": "en-US",
        "wordCount": article.words,
        "author": [
            {
                "@type": "Person",
                "name": writer.name,
                "url": whole(writer.get_absolute_url()),
            }
            for writer in contributors
        ]
        or [{"@type": "Organization", "name": settings.SITE_NAME}],
        "publisher": {"@type": "Organization", "name": settings.SITE_NAME},
        "articleSection": [topic.name for topic in topics],
        "citation": citations(article.sources_html),
    }
    graph = [{key: value for key, value in about.items() if value}]
    graph.append(breadcrumbs(whole, article, topics, address))
    if article.reviewed_on and article.reviewed_by and not article.is_demonstration:
        graph.append(
            {
                "@type": "MedicalWebPage",
                "@id": address,
                "lastReviewed": article.reviewed_on.isoformat(),
                "reviewedBy": {"@type": "Person", "name": article.reviewed_by},
            }
        )
    return {"@context": "https://schema.org", "@graph": graph}


def citations(sources_html: str) -> list[str]:
    texts = (strip_tags(_BACK.sub("", source)) for source in _SOURCE.findall(sources_html))
    return [" ".join(text.split()) for text in texts]


def breadcrumbs(whole, article, topics, address) -> dict:
    steps = [("Articles", whole(reverse("articles:list")))]
    steps += [(topic.name, whole(topic.get_absolute_url())) for topic in topics[:1]]
    steps.append((article.title, address))
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": item}
            for place, (name, item) in enumerate(steps, start=1)
        ],
    }


def as_data_block(data: dict) -> SafeString:
    """A script element of a type that no browser runs; the policy has nothing to refuse."""
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(text),  # noqa: S308 - the line above took every angle bracket out
    )

"""The search page. Open to everyone."""

from urllib.parse import urlencode

from django.shortcuts import render
from django.views.decorators.http import require_safe

from .missed_searches import record_miss
from .models import Topic
from .search import search


@require_safe
def search_page(request):
    """Open to everyone. Words that found nothing are counted for editors, without the reader:
    besides due.py the one thing a GET leaves behind."""
    words = request.GET.get("q", "")
    topics = list(Topic.objects.all())
    asked = request.GET.get("topic", "")
    topic = next((t for t in topics if t.slug == asked), None)
    found = older = None
    if words.strip():
        found = search(words, topic=topic, after=request.GET.get("after", ""))
        if not found.count and not found.problem and not topic:
            record_miss(found.words)
        if found.older:
            key = {"q": words, "topic": topic.slug if topic else "", "after": found.older}
            older = f"{request.path}?{urlencode({k: v for k, v in key.items() if v})}"
    context = {
        "words": words[:500],
        "topic": topic,
        "unknown_topic": bool(asked and not topic),
        "topics": topics,
        "found": found,
        "results": [(article, found.extracts.get(article.pk)) for article in found.articles]
        if found
        else [],
        "older": older,
    }
    return render(request, "articles/search.html", context)

"""For search engines: what there is, since when, and where not to look."""

from django.db.models.functions import Greatest
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from advocacy_site.addresses import whole_address
from advocacy_site.reader_cache import reader_page

from .due import apply_due
from .models import Article, Contributor, Topic

# What one sitemap may hold.
MOST = 50_000
NOT_FOR_ROBOTS = ("/admin/", "/preview/", "/search/")


@reader_page
@require_safe
def sitemap(request):
    """Open to everyone: published articles with the day their words last changed."""
    apply_due()
    articles = (
        Article.objects.published()
        .newest_first()
        .annotate(changed_at=Greatest("published_at", "live_at", "updated_at"))
        .values_list("slug", "changed_at")[:MOST]
    )
    whole = whole_address
    pages = [(whole(reverse("articles:article", args=[slug])), at) for slug, at in articles]
    others = [reverse("articles:home"), reverse("articles:list"), reverse("articles:topics")]
    others += [topic.get_absolute_url() for topic in Topic.objects.all()]
    # Not who has written drafts only: that someone is about to speak is hers to tell.
    writers = Contributor.objects.filter(articles__in=Article.objects.published()).distinct()
    others += [writer.get_absolute_url() for writer in writers[:MOST]]
    context = {"pages": (pages + [(whole(path), None) for path in others])[:MOST]}
    return render(request, "articles/sitemap.xml", context, content_type="application/xml")


@require_safe
def robots(request):
    """Open to everyone."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS), ""]
    lines.append(f"Sitemap: {whole_address(reverse('articles:sitemap'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")

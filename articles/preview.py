"""One revision on the real page, for whoever holds its link."""

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from advocacy_site.content_security import PUBLIC_POLICY

from .preview_links import open_link
from .revisions import as_article
from .views import render_article

# The desk shows it in a frame of three widths.
FRAMED_POLICY = {**PUBLIC_POLICY, "frame-ancestors": PUBLIC_POLICY["form-action"]}


@require_safe
@never_cache
@xframe_options_sameorigin
@csp_override(FRAMED_POLICY)
def preview(request, token):
    """Open to whoever holds the link, until it expires."""
    opened = open_link(token)
    if opened.revision is None:
        status = 410 if opened.has_expired else 404
        context = {"has_expired": opened.has_expired}
        response = render(request, "articles/no_preview.html", context, status=status)
    else:
        article = as_article(opened.revision.article, opened.revision.content)
        response = render_article(request, article, preview_of=opened.revision)
    response.headers["X-Robots-Tag"] = "noindex"
    return response

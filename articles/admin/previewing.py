"""How it will read: the text while it is written, and any revision on the real page."""

from django.shortcuts import render
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST, require_safe

from advocacy_site.html import TooMuch

from ..models.article import render_body
from ..preview_links import LASTS, link_to_share, preview_address
from ..rights import may_read
from ..writing_help import help_with
from .history import context_of, find_revision
from .writing import find

# Name, label and width in CSS pixels of the devices people read on.
WIDTHS = {"phone": 390, "tablet": 820, "desktop": 1280}


@require_POST
def preview_text(request):
    """The same gate as the page, with what the writer should mend and might mend."""
    source = request.POST.get("content", "").replace("\r\n", "\n")
    context = {}
    try:
        context["prose"] = prose = render_body(source)
        context["help"] = help = help_with(source)
        told = {problem.text for problem in help.errors}
        context["errors"] = [*help.errors, *(p for p in prose.problems if p.text not in told)]
    except TooMuch as too_much:
        context["too_much"] = str(too_much)
    return render(request, "admin/articles/_preview.html", context)


@require_safe
def preview_page(request, admin, object_id, number):
    """Who may read it: one revision on the article page, at three widths, with a link to share."""
    article = find(request, object_id, may=may_read)
    revision = find_revision(article, number)
    chosen = request.GET.get("width", "")
    context = context_of(
        request,
        admin,
        article,
        f"Preview of revision {revision.number}",
        revision=revision,
        widths=WIDTHS,
        width=chosen if chosen in WIDTHS else "phone",
        address=preview_address(revision),
        link=link_to_share(revision),
        lasts_days=LASTS.days,
    )
    return TemplateResponse(request, "admin/articles/article/preview.html", context)

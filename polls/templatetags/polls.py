"""The panels that polls show on other apps' pages. Each draws nothing until it has a poll.

All panels of one page share one query; the own votes of a member, or of a guest who has
voted, are a second one.
"""

from django import template
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from ..panels import Panel, render_panel
from ..placing import PLACE, PagePolls, with_choices
from ..voters import known_voter
from ..voting import own_choices

register = template.Library()


@register.simple_tag(takes_context=True)
def fill_polls(context, body_html: SafeString):
    """The text with each poll at its ``[[poll:slug]]`` place. A place without one stays empty."""
    page = polls_of_page(context, body_html)
    return fill(body_html, lambda slug: _draw(context, page, page.polls.get(slug)))


@register.simple_tag(takes_context=True)
def article_polls(context, article):
    """The polls that belong to an article and have no place inside its text."""
    page = polls_of_page(context, article.body_html)
    drawn = (_draw(context, page, poll) for poll in page.after_text())
    return format_html_join("", "{}", ((html,) for html in drawn))


@register.simple_tag(takes_context=True)
def community_poll(context):
    """The one poll that is featured now, unless the page shows it already."""
    page = polls_of_page(context)
    html = _draw(context, page, page.featured)
    return html and render_to_string("polls/_community_poll.html", {"panel_html": html})


@register.inclusion_tag("admin/polls/_picker.html", takes_context=True)
def poll_picker(context):
    """In the admin's form of an article: the script that places polls."""
    opts, request = context.get("opts"), context.get("request")
    of_article = getattr(opts, "label_lower", "") == "articles.article"
    return {"is_wanted": of_article and request and request.user.has_perm("polls.view_poll")}


@register.simple_tag
def preview_polls(body_html: SafeString):
    """For the editor's preview: each poll in its place as words, without a form."""
    slugs = set(PLACE.findall(body_html))
    found = with_choices(Q(poll__slug__in=slugs)) if slugs else []
    polls = {poll.slug: poll for poll in found}
    return fill(
        body_html,
        lambda slug: render_to_string(
            "polls/_preview.html", {"poll": polls.get(slug), "slug": slug}
        ),
    )


def fill(body_html: SafeString, draw) -> SafeString:
    """Both the text and what ``draw`` returns are safe: the gate's and our templates' HTML."""
    return mark_safe(PLACE.sub(lambda place: draw(place[1]), body_html))  # noqa: S308


def polls_of_page(context, body_html: str = "") -> PagePolls:
    """Found once for each request, by whichever panel stands first on the page."""
    request = context["request"]
    if not hasattr(request, "polls_of_page"):
        page = PagePolls(body_html, context.get("article"))
        page.mine = own_choices(page.polls.values(), known_voter(request)) if page.polls else {}
        request.polls_of_page = page
    return request.polls_of_page


def _draw(context, page: PagePolls, poll) -> SafeString:
    if poll is None or poll.slug in page.shown:
        return SafeString("")
    panel = Panel(poll, tuple(page.mine.get(poll.pk, ())), with_styles=not page.shown)
    page.shown.add(poll.slug)
    return render_panel(context["request"], panel)

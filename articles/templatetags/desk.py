"""What the pages of the editors' desk ask for."""

from django import template
from django.urls import reverse
from django.utils import timezone

from ..moments import in_words, site_clock
from ..overview import waiting_for
from ..rights import edits_all, may_see_desk, may_start

register = template.Library()


@register.filter
def moment(value) -> str:
    """``October 12, 2026, 9:00 am``"""
    return in_words(value) if value else ""


@register.simple_tag
def clock() -> str:
    """``New York time; it is 2:10 pm there``, for the fields that ask for a moment."""
    return f"{site_clock()}; it is {in_words(timezone.now()).rpartition(', ')[2]} there"


@register.filter
def undo_address(message) -> str:
    """Where the Undo button of a message posts to, or nothing."""
    for tag in (message.extra_tags or "").split():
        if tag.startswith("undo-withdrawal-"):
            return reverse("admin:articles_article_undo_withdrawal", args=[tag.rpartition("-")[2]])
    return ""


@register.simple_tag(takes_context=True)
def waiting(context):
    """What waits for the person at the desk; nothing for staff who have no part in articles."""
    user = context["request"].user
    return waiting_for(user) if may_see_desk(user) else []


@register.simple_tag(takes_context=True)
def may_check_sources(context) -> bool:
    return edits_all(context["request"].user)


@register.simple_tag(takes_context=True)
def may_write_articles(context) -> bool:
    return may_start(context["request"].user)

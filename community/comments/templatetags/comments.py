"""The panels that the conversation shows on other apps' pages; empty until it opens."""

from django import template

register = template.Library()


@register.simple_tag
def conversation(article):
    """The threads under an article, and the box to join them."""
    return ""


@register.simple_tag
def comments_of(member):
    """What a member wrote, newest first, for the profile."""
    return ""


@register.simple_tag
def recent_conversations():
    """What people talk about, for the home page."""
    return ""

"""The panels that the conversation shows on other apps' pages."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from advocacy_site.reader_cache import ROOM

from ..listing import latest_conversations, note_hidden_topics, page_of_comments
from ..reading import conversation_of, member_of, number

register = template.Library()

ON_HOME = 3


@register.simple_tag
def room():
    """The place of the conversation in a page that is remembered without it."""
    return SafeString(ROOM)


@register.simple_tag(takes_context=True)
def conversation(context, article):
    """The threads under an article, and the box to join them. Two queries for a guest."""
    if not article.is_published:
        return ""
    request = context["request"]
    start = number(request.GET.get("after"))
    panel = conversation_of(request, article, start=start)
    return render_to_string("community/comments/_conversation.html", panel, request=request)


@register.inclusion_tag("community/comments/_recent.html", takes_context=True)
def recent_conversations(context):
    """What people talk about, for the home page."""
    latest = latest_conversations(ON_HOME)
    return {"latest": note_hidden_topics(latest, context.get("hidden_topics"))}


@register.inclusion_tag("community/comments/_said.html", takes_context=True)
def comments_of(context, member):
    """What a member wrote, newest first, for the profile page."""
    request = context["request"]
    before = number(request.GET.get("before"))
    return vars(page_of_comments(member, member_of(request), before))

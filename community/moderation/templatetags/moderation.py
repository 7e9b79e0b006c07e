"""What the desk shows on other apps' pages."""

from django import template

from .. import hours, rights
from ..models import Message

register = template.Library()


@register.simple_tag
def moderator_hours():
    """When moderators are here; asks the database nothing."""
    return hours.line()


@register.inclusion_tag("moderation/_unread.html")
def unread_messages(member):
    """For the account page: whether a moderator wrote, and whether the desk is hers."""
    found = Message.objects.filter(member=member)
    return {
        "unread": found.filter(read_at=None).count(),
        "any": found.exists(),
        "is_moderator": rights.may_moderate(member),
    }

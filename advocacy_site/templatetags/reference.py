from django import template

from advocacy_site.request_log import current_id

register = template.Library()


@register.simple_tag
def request_reference():
    """The id under which this request stands in the log; empty outside of one."""
    return current_id.get()

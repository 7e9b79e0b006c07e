"""What an article tells other sites and search engines."""

from django import template

from ..share_picture import digest
from ..structured_data import as_data_block, structured_data

register = template.Library()


@register.simple_tag
def share_digest(article) -> str:
    topic = article.main_topic
    return digest(article.title, topic.name if topic else "")


@register.simple_tag(takes_context=True)
def data_block(context):
    """The article's structured data, in an element no browser runs."""
    data = structured_data(context["article"], context["topics"], context["contributors"])
    return as_data_block(data)

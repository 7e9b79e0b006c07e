"""The panel that asks for an email address on other apps' pages; empty until signup opens."""

from django import template

register = template.Library()


@register.simple_tag
def email_signup(place: str):
    """``place`` is where the form stands ("home", "article"), kept with the consent given there."""
    return ""

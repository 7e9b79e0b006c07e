"""The panel that asks for an email address on other apps' pages."""

import re

from django import template
from django.conf import settings
from django.utils.html import format_html

from ..forms import SignupForm, stamp
from ..models.subscriber import Choice
from ..wording import wording_in_force

register = template.Library()


@register.inclusion_tag("newsletter/_panel.html", takes_context=True)
def email_signup(context, place: str):
    """``place`` is where the form stands ("home", "article"); the page itself goes on record
    with the consent given there. Costs no query but one a minute and process."""
    wording = wording_in_force()
    if wording is None:  # without the words nobody can consent to them
        return {}
    request = context["request"]
    return {
        "request": request,
        "site_name": settings.SITE_NAME,
        "csrf_token": context.get("csrf_token"),
        "place": place,
        "step": "form",
        "form": SignupForm(),
        "wording": wording,
        "stamp": stamp(request.path),
        "choices": Choice,
        "chosen": [],
    }


@register.simple_tag(takes_context=True)
def token_if_session(context):
    """Django's form token where the browser has a session; readers without one get the same
    page as everyone (advocacy_site.same_origin.public_form)."""
    if settings.SESSION_COOKIE_NAME not in context["request"].COOKIES:
        return ""
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">', context["csrf_token"]
    )


@register.filter
def without_marks(words):
    """Words on record are Markdown as it was written; here a link is read, not followed."""
    return re.sub(r"\[([^\]]+)\]\([^)\s]*\)", r"\1", str(words))

"""Mail is a folder: ``templates/email/<name>/`` with subject.txt, body.txt and body.html.

The text is the letter; the HTML says the same and may be missing. Nothing is loaded from
anywhere when it is opened, and the subject carries no word about health.
"""

from functools import lru_cache

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import get_template, render_to_string

from . import metrics

# Tells vacation replies to stay quiet (RFC 3834). Every mail here is sent by a machine.
AUTO_SUBMITTED = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


def compose(name: str, to: str, context: dict, *, headers: dict | None = None):
    """Render the mail ``name`` to one address, ready to be sent."""
    context = {"site_name": settings.SITE_NAME, **context}
    message = EmailMultiAlternatives(
        subject=" ".join(as_text(f"email/{name}/subject.txt", context).split()),
        body=as_text(f"email/{name}/body.txt", context).strip() + "\n",
        to=[to],
        headers={**AUTO_SUBMITTED, **(headers or {})},
    )
    try:
        html = render_to_string(f"email/{name}/body.html", context)
        message.attach_alternative(with_styles_inline(html), "text/html")
    except TemplateDoesNotExist as missing:
        if missing.args[0] != f"email/{name}/body.html":
            raise
    return message


def send(name: str, to: str, context: dict, *, headers: dict | None = None) -> None:
    """Render and send at once; raises what the mail server answers (OSError, SMTPException)."""
    message = compose(name, to, context, headers=headers)
    try:
        message.send()
    except Exception:
        metrics.MAILS.labels("failed").inc()
        raise
    metrics.MAILS.labels("sent").inc()


def as_text(template: str, context: dict) -> str:
    """Plain text has no HTML to protect: an apostrophe in a name stays one."""
    return get_template(template).template.render(Context(context, autoescape=False))


def with_styles_inline(html: str) -> str:
    """Styles put on each element: some mail programs drop what stands in the head. What only a
    media query can say (dark, narrow) stays there for those that read it."""
    return inliner().inline(html)


@lru_cache(maxsize=1)
def inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False
    )

"""The HTML of our mails, drawn as a mail program draws it."""

import re

import html5lib
import pytest

from advocacy_site import mail
from advocacy_site.settings.base import ROOT
from community.newsletter import notices
from community.newsletter.models import Issue
from community.newsletter.models.subscriber import Choice
from community.newsletter.writing import for_eyes, write_letter
from tests.browser.test_letter_pages import violations
from tests.factories import make_article
from tests.mail_server import text_of

NAMES = sorted(
    folder.name
    for folder in (ROOT / "templates" / "email").glob("newsletter-*")
    if folder.name != "newsletter-death"  # to a person here
)
LINKS = {
    f"{name}_url": f"https://example.com/emails/{name}/" + "2a5faec4db484b3f9de920721a878240." * 3
    for name in ("confirm", "settings", "stop", "back")
}


@pytest.fixture(params=NAMES)
def message(request):
    context = notices.frame() | LINKS | {"choices": list(Choice), "days": 7}
    return mail.compose(request.param, "wren@example.com", context).message()


def html_of(message) -> str:
    return message.get_body(preferencelist=("html",)).get_content()


def test_text_and_html_lead_to_the_same_places(message):
    in_text = set(re.findall(r"https?://\S+", text_of(message)))
    in_html = set(re.findall(r'href="(https?://[^"#]+)', html_of(message)))
    assert in_html == in_text != set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_on_a_small_phone_and_loads_nothing(page, message, scheme):
    draw(page, html_of(message), scheme)
    assert page.locator(".go").evaluate("link => link.getBoundingClientRect().height") >= 44


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.django_db
def test_a_letter_is_readable_on_a_small_phone_and_loads_nothing(page, scheme):
    """Not even its pictures: an article has one, its card in a letter has none."""
    make_article(slug="one", title="The dose conversation", standfirst="Ask early.")
    body = "# Good morning\n\n> Words.\n\n[[article:one]]\n\n- [one](/rules/)\n- two\n\n## More\n"
    issue = Issue(subject="A" * 60 + " and a long subject", opening="Three.", body=body)
    draw(page, for_eyes(write_letter(issue).for_reader().html), scheme)


def draw(page, html, scheme):
    html5lib.HTMLParser(strict=True).parse(html)
    assert 'style="' in html and "prefers-color-scheme" in html
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 320, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.set_content(html)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    # A mail has no landmarks and may have no heading.
    ours = {"landmark-one-main", "region", "page-has-heading-one"}
    assert not [found for found in violations(page) if found.split(":")[0] not in ours]
    assert not asked

"""A first comment waits and is approved; a guest reports. In a real browser, with scripts and
without."""

import re

import pytest
from django.core import mail
from django.test import Client
from playwright.sync_api import expect

from community.comments.models import Comment, Hold, Report
from community.comments.moderation import HELD_NOTE, set_state
from tests.community.comments.factories import make_comment, rules_in_force
from tests.community.moderation.factories import make_moderator
from tests.factories import make_article, make_member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["with scripts", "without scripts"])
def browser_context_args(browser_context_args, request, live_server):
    return browser_context_args | {"java_script_enabled": request.param == "with scripts"}


@pytest.fixture(autouse=True)
def plain_http(settings):
    """The browser speaks plain http to the live server, where __Host- names are refused."""
    settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "session", False
    settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE = "csrf", False


def sign_in(page, live_server, member, settings):
    client = Client()
    client.force_login(member)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": "session", "value": value, "url": live_server.url}])


def test_a_first_comment_is_seen_by_its_writer_alone_until_it_is_approved(
    page, live_server, settings
):
    article, writer = make_article(), make_member(display_name="Wren")
    rules_in_force()
    sign_in(page, live_server, writer, settings)
    page.goto(article.get_absolute_url())
    page.wait_for_timeout(2100)  # nobody writes faster than the form believes
    page.get_by_label("Your comment").fill("My first words here.")
    page.get_by_label("I have read").check()
    page.get_by_role("button", name="Post comment").click()
    mine = page.get_by_role("article", name="Wren")
    expect(mine).to_contain_text(HELD_NOTE)
    expect(mine).to_contain_text("My first words here.")
    assert Hold.objects.waiting().get().reasons == ["first"]
    page.context.clear_cookies()
    page.goto(article.get_absolute_url())
    expect(page.locator("#talk")).not_to_contain_text("My first words here.")
    set_state(Comment.objects.get(), "visible")
    page.reload()
    expect(page.get_by_role("article", name="Wren")).to_contain_text("My first words here.")
    expect(page.locator("#talk")).not_to_contain_text(HELD_NOTE)


def test_a_guest_reports_a_comment_and_worries_by_keyboard(page, live_server):
    comment = make_comment("I do not see the point any more.", by=make_member(display_name="Jo"))
    page.goto(comment.article.get_absolute_url())
    page.get_by_role("link", name="Report this comment by Jo").press("Enter")
    expect(page.get_by_role("heading", name="Report a comment")).to_be_visible()
    expect(page.get_by_text("I do not see the point any more.")).to_be_visible()
    page.get_by_label("Tell us more").fill("She wrote this twice.")
    page.get_by_role("button", name="Send report").press("Enter")
    expect(page.get_by_text("There is a problem")).to_be_visible()
    expect(page.get_by_label("Tell us more")).to_have_value("She wrote this twice.")
    page.wait_for_timeout(2100)
    page.get_by_label("I am worried about this person").press("Space")
    page.get_by_role("button", name="Send report").press("Enter")
    expect(page).to_have_url(re.compile("/reports/thank-you/"))
    expect(page.get_by_role("complementary", name="If it cannot wait")).to_be_visible()
    report = Report.objects.get()
    assert report.is_worried and report.words == "She wrote this twice."


def test_a_guest_hears_by_mail_what_a_moderator_decided(page, live_server, settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
    comment = make_comment("Buy my tea.", by=make_member(display_name="Jo"))
    page.goto(comment.article.get_absolute_url())
    page.get_by_role("link", name="Report this comment by Jo").click()
    page.wait_for_timeout(2100)
    page.get_by_label("It sells or raises funds").check()
    page.get_by_label("Your email").fill("guest@harbor.example")
    page.get_by_role("button", name="Send report").click()
    expect(page).to_have_url(re.compile("/reports/thank-you/"))
    mail.outbox.clear()
    sign_in(page, live_server, make_moderator(), settings)
    page.goto("/moderation/reports/")
    page.get_by_role("button", name="Open (Jo)").click()
    page.get_by_label("Take it down", exact=True).check()
    page.get_by_label("Which rule (where one is needed)").select_option("2")
    page.get_by_role("button", name="Go on to the message").click()
    page.get_by_label("Why, for moderators").fill("It sells tea.")
    page.get_by_role("button", name="Take down and send").click()
    expect(page.get_by_text("The writer is told.")).to_be_visible()
    [told] = [sent for sent in mail.outbox if sent.to == ["guest@harbor.example"]]
    assert "A moderator took it down." in told.body
    assert "Jo" not in told.body and "tea" not in told.body
    assert not [sent for sent in mail.outbox if "guest@harbor.example" in sent.body]
    assert "guest@" not in comment.author.moderation_messages.get().act.told

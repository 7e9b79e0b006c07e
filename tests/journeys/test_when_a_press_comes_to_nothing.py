"""Offline, refused or broken: every form that answers in place says so, and keeps everything."""

import pytest
from playwright.sync_api import expect

from polls.placing import one_poll
from tests.factories import make_article, make_member, make_policy_version, make_poll

pytestmark = pytest.mark.django_db(transaction=True)

KEPT = "Everything is still here."
FAILURES = [
    (None, "did not reach us"),
    ({"status": 429, "headers": {"Retry-After": "300"}}, "Press again in 5 minutes."),
    ({"status": 429}, "in a minute or two."),
    ({"status": 403}, "older than your sign-in"),
    ({"status": 410}, "no longer here"),
    ({"status": 500}, "broke on our side"),
]


@pytest.fixture
def article(page, expected_console_errors):
    expected_console_errors += [
        "Failed to load resource",
        "Response Status Error",
        "console error: htmx:",
    ]
    page.set_viewport_size({"width": 320, "height": 800})
    for kind in ("privacy", "email-consent", "rules", "health-data", "editorial-integrity"):
        make_policy_version(kind)
    make_poll("Yes", "No", slug="hard", question="Is it hard for you to speak up?")
    article = make_article(body="Words.\n\n[[poll:hard]]\n\nMore words.\n")
    page.goto(article.get_absolute_url())
    return article


def fail_once(page, address, failure):
    def answer(route):
        route.fulfill(body="<html>", **failure) if failure else route.abort()

    page.route(address, answer, times=1)


def break_every_post(page):
    def answer(route):
        is_post = route.request.method == "POST"
        route.fulfill(status=500, body="x") if is_post else route.continue_()

    page.route("**/*", answer)


@pytest.mark.parametrize(("failure", "says"), FAILURES)
def test_a_vote(page, article, failure, says):
    poll = page.get_by_role("region", name="Is it hard for you to speak up?")
    fail_once(page, "**/polls/hard/vote/", failure)
    poll.get_by_role("radio", name="No", exact=True).check()
    poll.get_by_role("button", name="Vote").focus()
    page.keyboard.press("Enter")
    expect(poll.get_by_text(KEPT)).to_contain_text(says)
    expect(page.get_by_role("status")).to_contain_text(says)
    expect(poll.get_by_role("button", name="Vote")).to_be_focused()
    expect(poll.get_by_role("radio", name="No", exact=True)).to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert one_poll("hard").voters == 0
    page.keyboard.press("Enter")
    expect(poll.get_by_text("Your vote is counted.")).to_be_visible()
    expect(page.locator(".not-sent")).to_have_count(0)
    assert one_poll("hard").voters == 1


def test_a_link_and_the_next_press_takes_the_words_away(page, article):
    poll = page.get_by_role("region", name="Is it hard for you to speak up?")
    fail_once(page, "**/polls/hard/results/**", {"status": 500})
    link = poll.get_by_role("link", name="See results without voting")
    link.click()
    expect(poll.get_by_text(KEPT)).to_be_visible()
    link.click()
    expect(poll.get_by_role("link", name="Vote in this poll")).to_be_visible()
    expect(page.locator(".not-sent")).to_have_count(0)


def test_a_comment_keeps_its_words(page, article):
    break_every_post(page)
    box = page.get_by_label("Your comment")
    box.fill("My own long words.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator("#write").get_by_text(KEPT)).to_be_visible()
    expect(box).to_have_value("My own long words.")


def test_signing_up_keeps_the_address(page, article):
    break_every_post(page)
    page.get_by_label("Email address").fill("ana@example.com")
    page.get_by_role("button", name="Get emails").click()
    expect(page.locator(".not-sent")).to_contain_text("broke on our side")
    expect(page.get_by_label("Email address")).to_have_value("ana@example.com")


def test_a_form_opened_before_signing_in_in_another_tab_counts(page, article, context):
    make_member(email="ruth@harbor.example", editor=True)
    other = context.new_page()
    other.goto("/admin/login/")
    other.get_by_label("Email").fill("ruth@harbor.example")
    other.get_by_label("Password").fill("a password")
    other.get_by_role("button", name="Log in").click()
    expect(other.get_by_text("Welcome,")).to_be_visible()
    poll = page.get_by_role("region", name="Is it hard for you to speak up?")
    poll.get_by_role("radio", name="No", exact=True).check()
    poll.get_by_role("button", name="Vote").click()
    expect(poll.get_by_text("Your vote is counted.")).to_be_visible()
    assert one_poll("hard").voters == 1

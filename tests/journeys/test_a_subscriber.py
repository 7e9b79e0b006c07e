"""A subscriber in a real browser and with real mail: from signup to her first letter, out with
one click, and back. Then the same with JavaScript off."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from community.newsletter import sending
from community.newsletter.models import Subscriber
from tests.factories import make_article, make_issue, make_member, make_policy_version, make_poll
from tests.mail_server import link_of, links_of, mailers, running_mail_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post(settings, live_server):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
    settings.SITE_URL = live_server.url
    for kind in ("privacy", "email-consent", "rules", "health-data", "editorial-integrity"):
        make_policy_version(kind)
    with running_mail_server() as server:
        settings.MAILERS = mailers(server.port)
        yield server


def sign_up(page, url):
    page.goto(url)
    page.get_by_label("Email address").fill("wren@gmial.com")
    page.get_by_label("The weekly letter").check()
    page.wait_for_timeout(2100)  # nobody is faster
    page.get_by_role("button", name="Get emails").click()
    expect(page.get_by_role("heading", name="Is this your address?")).to_be_visible()
    page.get_by_role("button", name="Use wren@gmail.com").click()
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    expect(page.get_by_text("wren@gmail.com")).to_be_visible()


def confirm(page, post):
    page.goto(link_of(post.last, "/confirm/"))
    page.get_by_role("button", name="Yes, send me emails").click()
    expect(page.get_by_role("heading", name="You are confirmed")).to_be_visible()


def test_from_signup_to_the_first_letter_to_one_click_to_starting_again(page, post, client):
    make_article(slug="one", title="The dose conversation")
    sign_up(page, "/articles/one/")
    assert page.url.endswith("/articles/one/")  # in place
    # Focus moves once the swap has settled, a moment after the heading is there.
    expect(page.get_by_role("heading", name="Check your email")).to_be_focused()
    confirm(page, post)
    issue = make_issue(body="[[article:one]]\n")
    sending.start(issue)
    assert sending.send_due() == 1
    letter = post.last
    assert letter["To"] == "wren@gmail.com"
    page.goto(link_of(letter, "/articles/one/"))
    expect(page.get_by_role("heading", name="The dose conversation", level=1)).to_be_visible()

    one_click = re.sub(r"[<>]", "", letter["List-Unsubscribe"])
    path = one_click[one_click.index("/emails/") :]
    answer = client.post(path, {"List-Unsubscribe": "One-Click"}, secure=True)
    assert answer.status_code == 200
    assert Subscriber.objects.get().stopped_at
    page.goto(one_click)
    page.get_by_role("button", name="This was a mistake, start again").click()
    expect(page.get_by_text("You get our emails again.")).to_be_visible()

    page.get_by_role("button", name="2 weeks").click()
    expect(page.get_by_text("Emails are paused.")).to_be_visible()
    page.get_by_role("button", name="End the pause now").click()
    page.get_by_label("Discreet subjects").check()
    page.get_by_role("button", name="Save my choices").click()
    expect(page.get_by_text("Your choices are saved.")).to_be_visible()
    page.get_by_role("link", name="I am writing about someone who has died").click()
    page.get_by_role("button", name="Yes, stop all emails").click()
    expect(
        page.get_by_role("heading", name="We are sorry. All emails have stopped.")
    ).to_be_visible()
    assert not Subscriber.objects.reachable().exists()


def test_without_javascript(browser, live_server, post):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_up(page, "/emails/")
    confirm(page, post)
    page.get_by_role("link", name="Email settings").click()
    page.get_by_role("link", name="Stop all emails").click()
    page.get_by_role("button", name="Yes, stop all emails").click()
    expect(
        page.get_by_role("heading", name="You will not get any more emails from us")
    ).to_be_visible()
    assert not context.cookies()
    context.close()


def tab_to(page, words):
    """Press Tab until what has the focus carries these words: its own, its label's or its name."""
    for _ in range(60):
        page.keyboard.press("Tab")
        has = page.evaluate(
            "words => { const e = document.activeElement;"
            " return [e.textContent, e.labels?.[0]?.textContent].some(t => t?.includes(words)) }",
            words,
        )
        if has:
            return
    raise AssertionError(f"The keyboard does not reach {words!r}")


def test_with_the_keyboard_alone(page, post):
    page.goto("/emails/")
    tab_to(page, "Email address")
    page.keyboard.type("wren@example.com")
    tab_to(page, "The weekly letter")
    page.keyboard.press("Space")
    page.wait_for_timeout(2100)  # nobody is faster
    tab_to(page, "Get emails")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Check your email")).to_be_focused()
    page.goto(link_of(post.last, "/confirm/"))
    expect(page.get_by_role("heading", name="Confirm that you want")).to_be_visible()
    tab_to(page, "Yes, send me emails")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You are confirmed")).to_be_visible()
    tab_to(page, "Email settings")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Email settings")).to_be_visible()
    tab_to(page, "New polls")
    page.keyboard.press("Space")
    tab_to(page, "Save my choices")
    page.keyboard.press("Enter")
    # What was done has the focus, so that it is read aloud.
    expect(page.get_by_text("Your choices are saved.")).to_be_focused()
    tab_to(page, "Stop all emails")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Stop these emails?")).to_be_visible()
    tab_to(page, "Yes, stop all emails")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You will not get any more emails")).to_be_visible()
    tab_to(page, "This was a mistake, start again")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You get our emails again.")).to_be_focused()
    wren = Subscriber.objects.reachable().get()
    assert wren.choices == ["letter", "polls"]


def test_a_friend_stops_a_forwarded_letter_and_its_owner_takes_that_back(page, browser, post):
    Subscriber.objects.create(
        email="wren@example.com", wants_letter=True, confirmed_at="2026-01-01T00:00Z"
    )
    sending.start(make_issue())
    assert sending.send_due() == 1
    letter = post.last
    friend = browser.new_context().new_page()
    # Her mail program's scanner opens every link first.
    for link in links_of(letter):
        friend.goto(link)
    assert Subscriber.objects.reachable().exists()
    friend.goto(link_of(letter, "/stop/"))
    friend.get_by_role("button", name="Yes, stop all emails").click()
    expect(friend.get_by_role("heading", name="You will not get any more")).to_be_visible()
    friend.context.close()
    assert not Subscriber.objects.reachable().exists()

    notice = post.last
    assert notice["To"] == "wren@example.com" and len(post.mails) == 2
    assert not re.search("cancer|MBC|metastatic", notice["Subject"], re.IGNORECASE)
    page.set_content(notice.get_body(preferencelist=("html",)).get_content())
    page.get_by_role("link", name="Start again").click()
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_text("You get our emails again.")).to_be_visible()
    assert Subscriber.objects.reachable().exists()


def test_an_editor_writes_looks_tries_and_sends(page, post):
    Subscriber.objects.create(
        email="wren@example.com", wants_letter=True, confirmed_at="2026-01-01T00:00Z"
    )
    make_article(slug="one", title="The dose conversation")
    make_poll(question="Tea or coffee?", slug="tea")
    editor = make_member(email="editor@harbor.example", editor=True)
    page.goto("/admin/")
    page.get_by_label("Email").fill(editor.email)
    page.get_by_label("Password").fill("a password")
    page.get_by_role("button", name="Log in").click()
    page.goto(reverse("admin:newsletter_issue_add"))
    expect(page.locator("#id_body")).to_have_value(re.compile(r"\[\[article:one\]\]"))
    page.get_by_label("Subject", exact=True).fill("Sunday")
    # As it is typed, beside the words.
    frame = page.frame_locator("iframe").last
    expect(frame.get_by_role("heading", name="Sunday")).to_be_visible()
    page.get_by_role("button", name="Card: poll").click()
    page.get_by_label("Words of its title").fill("coffee")
    page.get_by_role("button", name="Tea or coffee?").click()
    expect(page.locator("#id_body")).to_have_value(re.compile(r"\[\[poll:tea\]\]"))
    expect(frame.get_by_role("link", name="Tea or coffee?")).to_be_visible()
    page.get_by_role("button", name="Text alone", exact=True).click()
    expect(page.frame_locator("iframe").last.get_by_text("/polls/tea/")).to_be_visible()
    page.get_by_role("button", name="Save and look").click()
    frame = page.frame_locator("iframe").first
    expect(frame.get_by_role("link", name="The dose conversation")).to_be_visible()
    page.get_by_role("button", name="Send a try").click()
    expect(page.get_by_text("A try is on its way to editor@harbor.example.")).to_be_visible()
    assert post.last["To"] == "editor@harbor.example"
    page.get_by_role("link", name="Send it to 1 person").click()
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_text("It is on its way to 1 person.")).to_be_visible()
    # The first mail told her of the sign-in, the second was the try.
    assert post.last["To"] == "wren@example.com" and len(post.mails) == 3
    expect(page.get_by_text("Sent", exact=True).first).to_be_visible()
    page.goto("/emails/letters/")
    page.get_by_role("link", name="Sunday").click()
    expect(page.get_by_role("heading", name="Sunday", level=1)).to_be_visible()

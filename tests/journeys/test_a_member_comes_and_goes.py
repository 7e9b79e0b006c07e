"""Joining, reading one's own way, taking one's data, leaving and being remembered, in a real
browser. Every page is used as it comes; the mails are read as they were sent."""

import re
import zipfile
from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from playwright.sync_api import expect

from community.members import closing
from community.members.models import Member
from tests.community.comments.factories import make_comment
from tests.factories import make_article, make_member, make_policy_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def local(settings):
    """Plain http, and tasks that run at once."""
    settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "session", False
    settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE = "csrf", False
    settings.KNOWN_BROWSER_COOKIE_NAME, settings.READING_COOKIE_NAME = "known", "reading"
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def browser_context_args(browser_context_args, request):
    return browser_context_args | {"java_script_enabled": request.param}


def press(page, name):
    page.locator("main").get_by_role("button", name=name).click()


def join(page, email="ana@harbor.example", name="Ana"):
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Display name").fill(name)
    page.get_by_label("I am 18 or over").check()
    page.get_by_label("I have read the rules").check()
    press(page, "Mail me a code")
    enter_code(page)


def enter_code(page):
    expect(page).to_have_title(re.compile("Check your email"))
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", mail.outbox[-1].body).group()
    page.get_by_label("Code", exact=True).fill(code)
    press(page, "Go on")


def test_from_the_first_look_to_the_last(page, tmp_path):
    make_policy_version("rules")
    article = make_article()

    page.goto(f"/join/?next={article.get_absolute_url()}")
    press(page, "Mail me a code")
    expect(page).to_have_title(re.compile("^Error: "))
    page.get_by_role("link", name="Enter your email address").click()
    assert page.url.endswith("#id_email")
    page.get_by_label("Email address").fill("ana.lopez@harbor.example")
    page.get_by_label("Display name").fill("Ana Lopez")
    page.get_by_label("I am 18 or over").check()
    page.get_by_label("I have read the rules").check()
    press(page, "Mail me a code")
    press(page, "Choose another name")
    expect(page.get_by_label("Email address")).to_have_value("ana.lopez@harbor.example")
    expect(page.get_by_label("I am 18 or over")).to_be_checked()
    page.get_by_label("Display name").fill("Heron")
    press(page, "Mail me a code")
    enter_code(page)
    assert page.url.endswith(article.get_absolute_url())

    page.goto("/reading/")
    page.get_by_label("Largest").check()
    page.get_by_label("Dark").check()
    press(page, "Save")
    expect(page.locator("html[data-text='3'][data-theme='dark']")).to_have_count(1)

    page.goto("/account/your-data/")
    press(page, "Make a copy")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download your data").click()
    download.value.save_as(tmp_path / "data.zip")
    with zipfile.ZipFile(tmp_path / "data.zip") as archive:
        assert b"Heron" in archive.read("your-data.html")

    page.goto("/account/close/")
    press(page, "Close my account")
    expect(page.get_by_role("alert")).to_contain_text("Choose what should become")
    page.get_by_label("Remove my words").check()
    press(page, "Close my account")
    press(page, "I changed my mind")
    expect(page.locator("main")).to_contain_text("Your account stays")
    page.goto("/account/close/")
    page.get_by_label("Keep my words without my name").check()
    press(page, "Close my account")
    expect(page.locator("h1")).to_contain_text("Your account closes on")
    Member.objects.update(closes_at="2026-01-01T00:00Z")
    assert closing.close_due() == 1
    page.goto("/account/")
    expect(page).to_have_title(re.compile("Sign in"))


@pytest.mark.parametrize("way", ["remove", "keep", "choose"])
def test_an_account_is_closed_each_of_three_ways(page, live_server, way):
    """What readers find afterwards, and that nothing says whose it was."""
    heron = make_member(display_name="Grey Heron", trusted=True)
    article = make_article()
    for words in ("The first thing I said.", "The second thing I said."):
        make_comment(words, by=heron, on=article)
    client = Client()
    client.force_login(heron)
    cookie = {"name": "session", "value": client.cookies["session"].value, "url": live_server.url}
    page.context.add_cookies([cookie])

    page.goto("/account/")
    page.get_by_role("link", name="Close your account").click()
    names = {
        "remove": "Remove my words",
        "keep": "Keep my words without my name",
        "choose": "Choose one by one",
    }
    page.get_by_label(names[way]).check()
    press(page, "Close my account")
    if way == "choose":
        first = page.get_by_role("listitem").filter(has_text="The first thing I said")
        first.get_by_role("checkbox").check()
        press(page, "Save")
    expect(page.locator("h1")).to_contain_text("Your account closes on")
    Member.objects.update(closes_at="2026-01-01T00:00Z")
    assert closing.close_due() == 1

    page.goto(article.get_absolute_url())
    said = page.locator("main")
    left = {"remove": set(), "keep": {"first", "second"}, "choose": {"second"}}[way]
    for which in ("first", "second"):
        found = said.get_by_text(f"The {which} thing I said.")
        expect(found).to_have_count(1 if which in left else 0)
    expect(said.get_by_text("The writer deleted this comment.")).to_have_count(2 - len(left))
    expect(said).not_to_contain_text("Heron")
    page.goto("/account/")
    expect(page).to_have_title(re.compile("Sign in"))


def test_a_member_is_remembered_and_it_was_a_mistake(page):
    moderator = make_member(email="mod@harbor.example")
    moderator.user_permissions.add(Permission.objects.get(codename="remember_member"))
    ruth = make_member(
        display_name="Ruth A", own_words="I keep bees.", joined_at="2024-05-01T12:00Z"
    )
    page.goto("/remembering/tell-us/")
    page.get_by_label("Who has died?").fill("Ruth A")
    page.get_by_label("How did you know them?").fill("I am her sister.")
    page.get_by_label("How can we reach you?").fill("555 0100")
    press(page, "Send")
    expect(page.locator("h1")).to_have_text("Thank you for telling us")
    assert not Member.objects.get(pk=ruth.pk).accepts_mail

    page.goto("/sign-in/?next=/remembering/reports/")
    page.get_by_label("Email address").fill("mod@harbor.example")
    press(page, "Mail me a code")
    enter_code(page)
    page.get_by_role("link", name="Look at Ruth A").click()
    page.get_by_label("Month").select_option("January")
    page.get_by_label("Year").fill(str(date.today().year))  # noqa: DTZ011
    page.get_by_label("How we know").fill("Her sister wrote")
    press(page, "Remember Ruth A")
    expect(page.locator("main")).to_contain_text("died in January")
    expect(page.locator(".mem-line")).to_be_visible()

    page.goto(f"/members/{ruth.handle}/remember/")
    press(page, "It was a mistake")
    page.goto(f"/members/{ruth.handle}/")
    expect(page.locator("main")).not_to_contain_text("died")
    assert Member.objects.get(pk=ruth.pk).accepts_mail

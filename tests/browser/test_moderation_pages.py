"""The moderators' desk, and what writers read from it, in a real browser, by keys too."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from community.comments.models import Hold, Report
from community.members.models import Member
from community.moderation.models import Appeal
from tests.browser.test_every_page import NOTICE
from tests.community.moderation.factories import decide
from tests.pages import load_demonstration

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(page, live_server, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "session", False
    settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE = "csrf", False
    load_demonstration()
    sign_in(page, live_server, Member.objects.get(email="lead@harbor.example"))
    return page


def sign_in(page, live_server, member):
    client = Client()
    client.force_login(member)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": "session", "value": value, "url": live_server.url}])


def addresses():
    held = Hold.objects.waiting().latest("pk").comment
    worried = Report.objects.waiting().worried().get().comment
    appeal = Appeal.objects.get()
    decide("paused", member=appeal.member, until=held.created_at.replace(year=2030))
    comment = f"/moderation/comments/{held.pk}/"
    desk = [
        "/moderation/", "/moderation/held/", "/moderation/reports/", "/moderation/appeals/",
        "/moderation/checks/", "/moderation/record/", "/moderation/rota/", comment,
        f"/moderation/comments/{worried.pk}/", f"{comment}decide/?do=hidden&rule=3",
        f"{comment}decide/?do=edited", f"{comment}decide/?do=noted",
        f"/moderation/members/{appeal.member_id}/", f"/moderation/appeals/{appeal.pk}/",
        f"/moderation/members/{appeal.member_id}/decide/?do=banned",
        f"/moderation/acts/{appeal.pk}/",
    ]  # fmt: skip
    writers = ["/account/", "/account/moderation/", f"/account/moderation/{appeal.pk}/"]
    return desk, writers, appeal.member


def faults_of(page, urls):
    faults = {}
    for url in urls:
        status = page.goto(url).status
        found = [] if status == 200 else [f"status {status}"]
        found += page.evaluate(NOTICE)
        for violation in Axe().run(page).response["violations"]:
            found.append(f"{violation['id']}: {violation['nodes'][0]['html'][:120]}")
        if found:
            faults[url] = found
    return faults


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_pages_of_the_desk_are_easy_to_use(desk, live_server, width, scheme):
    desk.set_viewport_size({"width": width, "height": 800})
    desk.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    of_desk, of_writers, writer = addresses()
    faults = faults_of(desk, of_desk)
    sign_in(desk, live_server, writer)
    faults |= faults_of(desk, of_writers)
    assert not faults, "\n".join(f"{url}: {fault}" for url in faults for fault in faults[url])


def test_large_text_on_a_phone_still_fits(desk):
    of_desk, _, _ = addresses()
    desk.set_viewport_size({"width": 360, "height": 800})
    for url in of_desk:
        desk.goto(url)
        desk.evaluate("document.documentElement.style.fontSize = '200%'")
        assert desk.evaluate("document.documentElement.scrollWidth") <= 361, url


def test_keys_move_and_choose_and_can_be_turned_off(desk):
    held = Hold.objects.waiting().order_by("made_at").first().comment
    desk.goto("/moderation/held/")
    desk.keyboard.press("j")
    expect(desk.get_by_role("button", name="Open (Odile)")).to_be_focused()
    desk.keyboard.press("j")
    expect(desk.get_by_role("button", name="Open (Nell)")).to_be_focused()
    desk.keyboard.press("a")
    expect(desk.get_by_role("button", name="Show it (Nell)")).to_be_focused()
    desk.keyboard.press("k")
    expect(desk.get_by_role("button", name="Open (Odile)")).to_be_focused()
    desk.goto(f"/moderation/comments/{held.pk}/")
    desk.keyboard.press("h")
    expect(desk.get_by_label("Take it down", exact=True)).to_be_checked()
    desk.keyboard.press("e")
    expect(desk.get_by_label("Edit out a detail")).to_be_checked()
    desk.keyboard.press("?")
    expect(desk.get_by_role("button", name="Turn the keys off in this browser")).to_be_visible()
    desk.get_by_role("button", name="Turn the keys off in this browser").click()
    desk.keyboard.press("h")
    expect(desk.get_by_label("Edit out a detail")).to_be_checked()
    desk.get_by_role("button", name="Turn the keys on in this browser").click()
    words = desk.get_by_label("What should they know?")
    words.fill("")
    words.press_sequentially("hj")
    expect(words).to_have_value("hj")

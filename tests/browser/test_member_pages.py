"""The pages behind the sign-in in a real browser: as easy to use as the ones before it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from playwright.sync_api import expect

from community.members import ignoring, memorial
from tests.browser.test_every_page import NOTICE
from tests.factories import make_member, make_policy_version

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = [
    "/account/", "/account/profile/", "/account/signed-in/", "/account/password/",
    "/account/confirm/code/",
    "/account/email/", "/account/wishes/", "/account/ignored/", "/account/your-data/",
    "/account/close/", "/account/second-factor/", "/account/sign-out/", "/reading/",
    "/members/ana-river/", "/members/bea/", "/members/ruth/", "/members/bea/remember/",
    "/remembering/", "/remembering/reports/",
]  # fmt: skip


@pytest.fixture
def signed_in(page, live_server, settings):
    settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "session", False
    settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE = "csrf", False
    make_policy_version("rules")
    me = make_member(
        display_name="Ana River", own_words="w" * 240, relation="living", relation_is_shown=True
    )
    me.user_permissions.add(Permission.objects.get(codename="remember_member"))
    bea, ruth = make_member(display_name="Bea"), make_member(display_name="Ruth")
    ignoring.ignore(me, bea)
    memorial.remember(ruth, me, family_words="She read to me.")
    memorial.report_death("Bea", "A neighbor", "555 0100")
    client = Client()
    client.post("/sign-in/password/", {"email": me.email, "password": "a password"}, secure=True)
    page.context.add_cookies(
        [{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}]
    )
    page.me = me
    return page


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_pages_of_members_are_easy_to_use(signed_in, width, scheme):
    page = signed_in
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    faults = {}
    for url in PAGES:
        status = page.goto(url).status
        found = [] if status == 200 else [f"status {status}"]
        found += page.evaluate(NOTICE)
        for violation in Axe().run(page).response["violations"]:
            found.append(f"{violation['id']}: {violation['nodes'][0]['html'][:120]}")
        if found:
            faults[url] = found
    assert not faults, "\n".join(f"{url}: {fault}" for url in faults for fault in faults[url])


def test_large_text_on_a_phone_still_fits(signed_in):
    page = signed_in
    page.set_viewport_size({"width": 360, "height": 800})
    for url in PAGES:
        page.goto(url)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 361, url


def test_a_passkey_is_added_and_signs_in(signed_in, live_server):
    """With Chromium's own virtual key: a code before it is added, and none after."""
    page = signed_in
    browser = page.context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    browser.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.me.set_unusable_password()
    page.me.save()
    origin = live_server.url.replace("127.0.0.1", "localhost")
    client = Client()
    client.force_login(page.me)
    page.context.add_cookies(
        [{"name": "session", "value": client.cookies["session"].value, "url": origin}]
    )
    page.goto(f"{origin}/account/second-factor/webauthn/add/")
    page.get_by_role("button", name="Mail me a code").click()
    expect(page.get_by_text("We sent a code to")).to_be_visible()
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", mail.outbox[-1].body).group()
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Go on").click()
    page.locator("#id_name").fill("My phone")
    if page.locator("#id_passwordless").count():
        page.locator("#id_passwordless").check()
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url(lambda url: "/add/" not in url)
    assert page.me.authenticator_set.filter(type="webauthn").count() == 1
    page.context.clear_cookies(name="session")
    page.goto(f"{origin}/sign-in/password/")
    page.get_by_role("button", name="Use a passkey").click()
    page.locator("#passkey-button").click()
    page.wait_for_url(f"{origin}/account/")

"""Pages behind the links in our mails, the archive and the desk of letters in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from community.newsletter import consent, lifecycle, tokens
from community.newsletter.list_managers import LIST_MANAGERS
from community.newsletter.models import Delivery, Subscriber
from tests.browser.test_every_page import NOTICE
from tests.factories import (
    make_article,
    make_issue,
    make_member,
    make_policy_version,
    make_subscriber,
    make_topic,
)

pytestmark = pytest.mark.django_db(transaction=True)

BODY = (
    "Good morning.[^a]\n\n## To read\n\n[[article:one]]\n\n> Words.\n\n- [one](/rules/)\n\n"
    "[^a]: A.\n"
)


@pytest.fixture
def pages():
    """Name of each state -> its address."""
    for kind in ("rules", "privacy", "health-data", "editorial-integrity"):
        make_policy_version(kind)
    wording = make_policy_version("email-consent", body="You ask us to send emails.\n")
    make_article(slug="one", title="The dose conversation", topics=[make_topic("Trials")])
    sent = make_issue(state="sent", started_at=timezone.now(), body=BODY, opening="Three things.")
    facts = {"words": wording.body, "wording": wording, "page": "/"}
    asked = consent.ask("new@example.com", ["letter", "polls"], **facts)
    pages = {
        "confirm": f"/emails/confirm/{tokens.confirm_token(asked)}/",
        "letters": "/emails/letters/",
        "letter": sent.get_absolute_url(),
        "back": f"/emails/back/{tokens.back_token(consent.erase(make_subscriber()))}/",
    }
    deeds = {
        "lives": lambda wren: None,
        "paused": lambda wren: consent.pause(wren, "1-month"),
        "stopped": lambda wren: consent.stop(wren, page="/"),
        "died": lambda wren: consent.note_death(wren, page="/"),
        "returned": lambda wren: consent.note_return(wren, "bounce", "550 5.1.1 no such user"),
    }
    for name, deed in deeds.items():
        record = consent.ask(f"{name}@example.com", ["letter"], **facts)
        consent.confirm(record, page="/")
        wren = Subscriber.objects.by_address(f"{name}@example.com").get()
        deed(wren)
        mine = f"/emails/settings/{tokens.settings_token(wren)}/"
        pages |= {
            f"settings, {name}": mine,
            f"stop, {name}": f"/emails/stop/{tokens.stop_token(wren)}/",
            f"confirmed, {name}": f"/emails/confirm/{tokens.confirm_token(record)}/",
        }
    return pages | {"delete": f"{mine}delete/", "died": f"{mine}died/"}


def violations(page, part=None):
    found = Axe().run(page, context=part).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_pages_behind_our_mails_are_easy_to_use(page, pages, width, scheme):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    faults = {}
    for name, url in pages.items():
        assert page.goto(url).status == 200, name
        if found := page.evaluate(NOTICE) + violations(page):
            faults[name] = found
    assert not faults, "\n".join(f"{name}: {fault}" for name in faults for fault in faults[name])


def test_text_twice_as_large_still_fits(page, pages):
    page.set_viewport_size({"width": 360, "height": 800})
    for name, url in pages.items():
        page.goto(url)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 361, name


@pytest.fixture
def at_the_desk(page, live_server, settings):
    """Sign a member in with the browser of ``page``."""

    def sign_in(member):
        settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "session", False
        client = Client()
        client.force_login(member)
        session = client.cookies["session"].value
        page.context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
        return page

    return sign_in


def faults_of(page, name, width) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth")
    faults = [f"{name}: {wide} px wide"] if wide > width else []
    # Django's own lists have no headings to our taste; their tables are not ours.
    if "list" not in name:
        faults += [f"{name}: {found}" for found in violations(page, "#content")]
    return faults


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_the_desk_of_letters_has_names_contrast_and_no_sideways_scroll(
    at_the_desk, pages, width, scheme
):
    page = at_the_desk(make_member(editor=True))
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    draft, held = make_issue(body=BODY), make_issue(state="paused", started_at=timezone.now())
    held.held_because = "The mail server refuses us: 535 no"
    held.save()
    Delivery.objects.create(
        issue=held, subscriber=make_subscriber(), state="failed", answer="554 no " + "x" * 200
    )
    Delivery.objects.create(issue=held, subscriber=make_subscriber(), state="doubtful")
    desk = [("add", ()), *((name, (draft.pk,)) for name in ("change", "desk", "send"))]
    faults = []
    for name, args in [*desk, ("desk", (held.pk,)), ("changelist", ())]:
        page.goto(reverse(f"admin:newsletter_issue_{name}", args=args))
        faults += faults_of(page, name, width)
    assert not faults, "\n".join(faults)


def test_a_letter_under_way_is_watched_without_a_press(at_the_desk, pages):
    page = at_the_desk(make_member(editor=True))
    issue = make_issue()
    lifecycle.start(issue)
    everyone = issue.deliveries.count()
    page.goto(reverse("admin:newsletter_issue_desk", args=[issue.pk]))
    sent = page.locator("[data-fact=sent]")
    expect(sent).to_have_text("0")
    issue.deliveries.update(state="sent", done_at=timezone.now())
    expect(sent).to_have_text(str(everyone), timeout=20_000)
    expect(page.locator("[data-fact=left]")).to_have_text("0")
    lifecycle.hold_and_tell(issue, "The mail server refuses us: 535 no")
    # Held by itself, in another window or by a worker: other buttons belong to it now.
    expect(page.get_by_role("button", name="Go on")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("The mail server refuses us: 535 no")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_the_pages_of_list_managers_fit_a_phone_with_many_subscribers(at_the_desk, width, scheme):
    manager = make_member(staff=True)
    manager.groups.add(Group.objects.get(name=LIST_MANAGERS))
    page = at_the_desk(manager)
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    Subscriber.objects.bulk_create(
        Subscriber(email=f"reader{n}@example.com", confirmed_at=timezone.now()) for n in range(1200)
    )
    faults = []
    for name in ("changelist", "export"):
        page.goto(reverse(f"admin:newsletter_subscriber_{name}"))
        faults += faults_of(page, name, width)
    assert not faults, "\n".join(faults)
    button = page.get_by_role("button", name="Download the list")
    assert button.evaluate("button => button.offsetWidth") < 400

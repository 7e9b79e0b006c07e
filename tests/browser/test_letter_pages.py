"""Pages behind the links in our mails, the archive and the desk of letters in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from community.newsletter import consent, tokens
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


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_the_desk_of_letters_has_names_contrast_and_no_sideways_scroll(
    page, pages, live_server, settings, width, scheme
):
    settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "session", False
    client = Client()
    client.force_login(make_member(editor=True))
    page.context.add_cookies(
        [{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}]
    )
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
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            faults.append(f"{name}: {wide} px wide")
        # Django's own list has no headings to our taste; its table is not ours.
        if name != "changelist":
            faults += [f"{name}: {found}" for found in violations(page, "#content")]
    assert not faults, "\n".join(faults)

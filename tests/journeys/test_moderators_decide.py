"""Comments are decided on in a real browser, with scripts and without."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from community.comments.models import Comment
from community.members.models import Member
from community.moderation.models import Message, ModerationAct
from tests.community.comments.factories import make_comment
from tests.community.moderation.factories import decide, make_moderator, make_report
from tests.factories import make_member, make_policy_version

pytestmark = pytest.mark.django_db(transaction=True)

TEN_RULES = "".join(f"{n}. ### Rule heading {n}\n\n   Always.\n\n" for n in range(1, 11))


@pytest.fixture(params=["with scripts", "without scripts"])
def browser_context_args(browser_context_args, request, live_server):
    return browser_context_args | {"java_script_enabled": request.param == "with scripts"}


@pytest.fixture(autouse=True)
def plain_http(settings):
    """The browser speaks plain http to the live server; the worker's tasks run at once."""
    settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "session", False
    settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE = "csrf", False
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
    make_policy_version("rules", body=f"::: rules\n{TEN_RULES}:::\n")


def sign_in(page, live_server, member):
    client = Client()
    client.force_login(member)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": "session", "value": value, "url": live_server.url}])


def told_by_mail():
    """To whom messages went; signing in mails as well."""
    return [sent.to for sent in mail.outbox if "A message for you" in sent.subject]


def test_a_held_comment_is_shown_from_the_list_and_its_writer_told(page, live_server):
    wren = make_member(display_name="Wren")
    comment = make_comment("My first words.", by=wren, state="held")
    sign_in(page, live_server, make_moderator())
    page.goto("/moderation/")
    page.get_by_text("What the writer reads").click()
    expect(page.locator(".told")).to_contain_text("Your comment is posted")
    page.get_by_role("button", name="Show it (Wren)").click()
    expect(page.get_by_text("Done: showed a held comment. The writer is told.")).to_be_visible()
    sign_in(page, live_server, wren)
    page.goto("/account/")
    page.get_by_role("link", name="Messages from moderators (1 new)").click()
    page.get_by_role("link", name="Your comment is posted").click()
    page.get_by_role("button", name="I have read it").click()
    expect(page.get_by_text("It is marked as read")).to_be_visible()
    assert told_by_mail() == [[wren.email]]
    page.goto(comment.get_absolute_url())
    expect(page.get_by_text("My first words.")).to_be_visible()


def test_taken_down_by_rule_3_appealed_and_restored_by_another_moderator(page, live_server):
    wren = make_member(display_name="Wren")
    comment = make_comment("Ask me about the tea.", by=wren)
    make_report(comment, reason="selling")
    first = make_moderator(display_name="Sam")
    sign_in(page, live_server, first)
    page.goto("/moderation/reports/")
    page.get_by_role("button", name="Open (Wren)").click()
    page.get_by_label("Take it down", exact=True).check()
    page.get_by_label("Which rule (where one is needed)").select_option("3")
    page.get_by_role("button", name="Go on to the message").click()
    page.get_by_label("Why, for moderators").fill("It offers a product.")
    expect(page.locator(".told")).to_contain_text("Rule 3: Rule heading 3.")
    expect(page.locator(".told")).to_contain_text("“Ask me about the tea.”")
    page.get_by_role("button", name="Take down and send").click()
    expect(page.get_by_text("The writer is told.")).to_be_visible()

    act = ModerationAct.objects.get()
    sign_in(page, live_server, wren)
    page.goto(f"/account/moderation/{act.pk}/")
    page.get_by_label("Your answer").fill("I sell nothing. I drink it.")
    page.get_by_role("button", name="Send your answer").click()
    expect(page.get_by_text("A different moderator reads it and tells you.").first).to_be_visible()

    sign_in(page, live_server, first)
    page.goto(f"/moderation/appeals/{act.pk}/")
    expect(page.get_by_text("A different moderator reads this.")).to_be_visible()
    sign_in(page, live_server, make_moderator(display_name="Ama"))
    page.goto("/moderation/")
    page.get_by_role("link", name="Open the appeal of Wren").click()
    page.get_by_label("Undo the decision").check()
    page.get_by_label("Why, for moderators").fill("Nothing is sold.")
    page.get_by_label("Your words to the writer").fill("You are right.")
    page.get_by_role("button", name="Decide and send").click()
    expect(page.get_by_text("Done: undid a decision after an appeal.")).to_be_visible()
    comment.refresh_from_db()
    assert comment.state == "visible"
    assert Message.objects.filter(member=wren).count() == len(told_by_mail()) == 2


def test_a_text_goes_back_is_changed_and_accepted_into_the_same_place(page, live_server):
    wren = make_member(display_name="Wren")
    comment = make_comment("Call me: 555 0100.", by=wren)
    act = decide("hidden", comment, rule=5)
    sign_in(page, live_server, wren)
    page.goto(f"/account/moderation/{act.pk}/")
    box = page.get_by_role("textbox", name="Your text")
    expect(box).to_have_value("Call me: 555 0100.")
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    box.fill("Write to me here.")
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text("Only you can see it until a moderator has read it.")).to_be_visible()
    page.goto(comment.get_absolute_url())
    expect(page.get_by_text("Only you can see this")).to_be_visible()

    sign_in(page, live_server, make_moderator())
    page.goto("/moderation/held/")
    expect(page.get_by_text("Write to me here.")).to_be_visible()
    page.get_by_role("button", name="Show it (Wren)").click()
    expect(page.get_by_text("The writer is told.")).to_be_visible()
    comment.refresh_from_db()
    assert comment.state == "visible" and comment.source == "Write to me here."
    assert Comment.objects.count() == 1


def test_a_worried_report_goes_before_everything_and_is_looked_at_twice(page, live_server):
    make_comment("Older.", state="held")
    comment = make_comment("I am so tired.", by=make_member(display_name="Rosa"))
    first, second = make_moderator(), make_moderator()
    make_report(comment, reason="worried", words="She sounds alone.", email="friend@example.com")
    alerts = [sent for sent in mail.outbox if "Somebody needs you" in sent.subject]
    assert {sent.to[0] for sent in alerts} == {first.email, second.email}
    assert all(f"/moderation/comments/{comment.pk}/" in sent.body for sent in alerts)
    sign_in(page, live_server, first)
    page.goto("/moderation/")
    expect(page.get_by_role("heading", name="First: someone may need help")).to_be_visible()
    expect(page.get_by_text("I am so tired.")).to_have_count(0)
    page.get_by_role("button", name="Open (Rosa)").click()
    expect(page.get_by_text("I am so tired.")).to_be_hidden()
    page.get_by_text("Show the words").click()
    expect(page.get_by_text("I am so tired.")).to_be_visible()
    page.get_by_role("button", name="Go on to the message").click()
    page.get_by_label("A saved reply (optional)").select_option("The help card (United States)")
    page.get_by_role("button", name="Put it into the message").click()
    words = page.get_by_label("Your words to the writer (optional)")
    expect(words).to_have_value(re.compile("988"))
    page.get_by_role("button", name="Leave it").click()
    expect(page.get_by_text("Done: left as it is. The writer is told.")).to_be_visible()
    page.goto("/moderation/checks/")
    expect(page.get_by_text("You decided this.")).to_be_visible()
    sign_in(page, live_server, second)
    page.goto("/moderation/checks/")
    page.get_by_role("button", name="I looked, and I agree (Rosa)").click()
    expect(page.get_by_text("Nothing waits for a second look.")).to_be_visible()
    assert "988" in Message.objects.get().act.told
    assert ["friend@example.com"] in [sent.to for sent in mail.outbox]


def test_two_moderators_at_once_the_second_is_told_and_loses_no_words(
    page, live_server, expected_console_errors
):
    expected_console_errors.append("409")
    comment = make_comment("Hm.", by=make_member(display_name="Wren"), state="held")
    sign_in(page, live_server, make_moderator())
    page.goto(f"/moderation/comments/{comment.pk}/decide/?do=hidden&rule=3")
    decide("accepted", comment, by=make_moderator(display_name="Ama"))
    page.get_by_label("Why, for moderators").fill("A reason I thought about.")
    page.get_by_role("button", name="Take down and send").click()
    expect(page.get_by_role("heading", name="Somebody was first")).to_be_visible()
    expect(page.get_by_text("Ama decided this")).to_be_visible()
    expect(page.get_by_text("A reason I thought about.")).to_be_visible()
    assert ModerationAct.objects.count() == 1
    comment.refresh_from_db()
    assert comment.state == "visible"


def test_a_pause_is_told_keeps_words_as_a_draft_and_ends_by_itself(page, live_server):
    wren = make_member(display_name="Wren")
    article = make_comment(by=wren).article
    sign_in(page, live_server, make_moderator())
    page.goto(f"/moderation/members/{wren.pk}/")
    page.get_by_label("Pause the account").check()
    page.get_by_label("Which rule (where one is needed)").select_option("1")
    page.get_by_role("button", name="Go on to the message").click()
    day = timezone.localdate() + timedelta(days=3)
    page.get_by_label("Until").fill(day.isoformat())
    page.get_by_label("Why, for moderators").fill("Three warnings.")
    page.get_by_role("button", name="Pause and send").click()
    expect(page.locator(".told")).to_contain_text(f"{day:%B} {day.day}, {day.year}")
    page.get_by_role("button", name="Pause and send").click()
    expect(page.get_by_text("Done: paused the account. The writer is told.")).to_be_visible()

    sign_in(page, live_server, wren)
    page.goto(article.get_absolute_url())
    expect(page.get_by_text("Your account is paused.")).to_be_visible()
    Member.objects.filter(pk=wren.pk).update(suspended_until=timezone.now() - timedelta(seconds=1))
    page.goto(article.get_absolute_url())
    page.get_by_label("Your comment").fill("I am back.")
    box = page.get_by_label("I have read")
    if box.count():
        box.check()
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_role("article", name="Wren").filter(has_text="I am back.")).to_be_visible()

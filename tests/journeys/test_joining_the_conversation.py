"""A reader joins the conversation in a real browser, with scripts and without."""

import pytest
from django.conf import settings
from django.test import Client

from community.comments.models import Comment, Draft
from tests.community.comments.factories import make_comment, rules_in_force
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
    settings.DRAFT_COOKIE_NAME = "draft"


def sign_in(page, live_server, member):
    client = Client()
    client.force_login(member)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": "session", "value": value, "url": live_server.url}])


def test_a_guest_writes_signs_in_and_finds_the_comment_posted(page, live_server):
    article = make_article()
    rules_in_force()
    page.goto(article.get_absolute_url())
    page.get_by_label("Your comment").fill("My first words here.")
    page.get_by_role("button", name="Post comment").click()
    page.get_by_text("There is a problem").wait_for()
    assert page.get_by_label("Your comment").input_value() == "My first words here."
    page.get_by_label("I have read").check()
    page.get_by_role("button", name="Post comment").click()
    page.get_by_role("heading", name="Your words are kept").wait_for()
    wren = make_member(display_name="Wren", trusted=True)
    page.get_by_role("link", name="Sign in", exact=True).last.click()
    page.get_by_role("link", name="Sign in with a password").click()
    page.get_by_label("Email address").fill(wren.email)
    page.get_by_label("Password").fill("a password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Post comment").click()
    page.get_by_role("article", name="Wren").wait_for()
    comment = Comment.objects.get()
    assert page.url.endswith(f"#c{comment.pk}") and not Draft.objects.exists()


def test_a_member_replies_at_depth_five_edits_deletes_and_brings_it_back(page, live_server):
    comment = make_comment("Level 1", by=make_member(display_name="Ana"))
    for level in range(2, 5):
        comment = make_comment(f"Level {level}", to=comment, by=make_member(display_name="Bo"))
    sign_in(page, live_server, make_member(display_name="Wren", trusted=True))
    page.goto(f"/comments/{comment.pk}/")
    page.locator(f"#c{comment.pk}").get_by_role("link", name="Reply to Bo").click()
    page.get_by_label("Your reply to Bo").fill("Level *five*.")
    page.locator(f"#reply-{comment.pk}").get_by_label("I have read").check()
    page.get_by_role("button", name="Post reply").click()
    mine = page.get_by_role("article", name="Level 5 reply by Wren")
    mine.wait_for()
    assert "In reply to Bo" in mine.inner_text() and mine.locator("em").inner_text() == "five"

    mine.get_by_role("link", name="Edit your comment").click()
    page.locator(".comment-edit").get_by_label("Your comment").fill("Level 5, mended.")
    page.get_by_role("button", name="Save changes").click()
    mine.get_by_text("edited").wait_for()
    assert "mended" in mine.inner_text() and "In reply to Bo" in mine.inner_text()
    mine.get_by_role("button", name="Undo the change").click()
    mine.locator("em").wait_for()

    mine.get_by_role("button", name="Delete your comment").click()
    page.get_by_text("The writer deleted this comment.").wait_for()
    page.get_by_role("button", name="Bring it back").click()
    mine.wait_for()
    assert Comment.objects.filter(state="visible").count() == 5


def test_a_permalink_opens_the_folded_branch_and_brings_the_comment_into_view(page):
    root = make_comment()
    replies = [make_comment(f"Reply {n}", to=root) for n in range(8)]
    make_comment("Newer.", on=root.article)
    target = replies[6]
    page.goto(f"/comments/{target.pk}/")
    found = page.locator(f"#c{target.pk}")
    assert found.is_visible()
    box = found.bounding_box()
    assert 0 <= box["y"] < 800
    assert found.evaluate("e => e.matches(':target')")


def test_kindness_is_pressed_and_taken_back(page, live_server):
    comment = make_comment(by=make_member(display_name="Ana"))
    sign_in(page, live_server, make_member(trusted=True))
    page.goto(comment.article.get_absolute_url())
    button = page.get_by_role("button", name="I’m here too to Ana")
    button.click()
    page.locator('[aria-pressed="true"]').wait_for()
    assert comment.reactions.count() == 1
    button.click()
    page.locator('[aria-pressed="true"]').wait_for(state="detached")
    assert comment.reactions.count() == 0


def test_a_session_that_ends_while_somebody_writes_loses_nothing(page, live_server):
    article = make_article()
    rules_in_force()
    sign_in(page, live_server, make_member(trusted=True))
    page.goto(article.get_absolute_url())
    page.get_by_label("Your comment").fill("An hour of words.")
    page.get_by_label("I have read").check()
    page.context.clear_cookies(name="session")
    page.get_by_role("button", name="Post comment").click()
    page.get_by_role("heading", name="Your words are kept").wait_for()
    assert page.get_by_label("What you wrote").input_value() == "An hour of words."


def test_everything_can_be_done_with_the_keyboard(page, live_server):
    comment = make_comment(by=make_member(display_name="Ana"))
    sign_in(page, live_server, make_member(display_name="Wren", trusted=True))
    page.goto(comment.article.get_absolute_url())
    page.get_by_role("link", name="Reply to Ana").focus()
    page.keyboard.press("Enter")
    page.locator(f"#reply-{comment.pk}").wait_for()
    field = page.get_by_label("Your reply to Ana")
    # With scripts the field has the focus; without them the browser starts at the box.
    for _ in range(3):
        if not field.evaluate("e => e === document.activeElement"):
            page.keyboard.press("Tab")
    page.keyboard.type("By keyboard.")
    assert field.input_value() == "By keyboard."
    page.locator(f"#reply-{comment.pk}").get_by_label("I have read").press("Space")
    page.get_by_role("button", name="Post reply").press("Enter")
    page.get_by_role("article", name="Level 2 reply by Wren").wait_for()


def test_a_screen_reader_hears_level_author_whom_it_answers_and_what_is_folded(page):
    root = make_comment("One.", by=make_member(display_name="Ana"))
    child = make_comment("Two.", to=root, by=make_member(display_name="Bo"))
    for n in range(4):
        make_comment(f"Deep {n}.", to=child, by=make_member(display_name="Cy"))
    page.goto(root.article.get_absolute_url())
    tree = page.locator("#talk").aria_snapshot()
    assert 'article "Ana' in tree and 'article "Level 2 reply by Bo' in tree
    assert "Level 3 reply by Cy In reply to Bo" in tree
    assert "Show 3 more replies to Ana" in tree
    summary = page.locator("summary", has_text="Show 3 more replies")
    assert not page.get_by_text("Deep 3.").is_visible()
    summary.focus()
    page.keyboard.press("Enter")
    assert page.get_by_text("Deep 3.").is_visible()

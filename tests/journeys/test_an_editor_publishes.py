"""An editor at her desk, in a real browser, from sign-in to a published, moved and withdrawn
article. Any console error or refused script fails it (see conftest.py)."""

import pytest
from playwright.sync_api import expect

from articles.models import Article
from tests.factories import make_contributor, make_member, make_topic, picture_bytes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(page, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make_topic("Living")
    make_contributor("Dana Okafor")
    make_member(email="editor@harbor.example", editor=True)
    page.goto("/admin/")
    page.get_by_label("Email").fill("EDITOR@harbor.example")
    page.get_by_label("Password").fill("a password")
    page.get_by_role("button", name="Log in").click()
    return page


def body(page):
    return page.locator("#id_body")


def save(page):
    with page.expect_navigation():
        page.locator("input[name=_continue]").first.click()


def test_from_a_first_draft_to_a_withdrawn_article(desk, expected_console_errors):
    expected_console_errors += ["404", "410"]
    page = desk
    page.goto("/admin/articles/article/add/")
    page.get_by_label("Title:").press_sequentially("Rest is not giving up")
    body(page).fill("## Why\n\nRest helps.[^study] <script>alert(1)</script>\n")
    preview = page.locator(".markdownx-preview")
    preview.get_by_text("Add the source: a line that starts with [^study]:").wait_for()
    assert preview.get_by_role("heading", name="Why").is_visible()
    assert preview.get_by_text("<script>alert(1)</script>").is_visible()

    save(page)  # a draft may hold a mistake
    article = Article.objects.get()
    assert article.slug == "rest-is-not-giving-up" and article.state == "draft"
    assert page.goto("/articles/rest-is-not-giving-up/").status == 200
    assert page.get_by_text("Only editors can see this page").is_visible()

    page.goto(f"/admin/articles/article/{article.pk}/change/")
    page.locator("#id_published_at_0").fill("2026-01-05")
    page.locator("#id_published_at_1").fill("09:00")
    save(page)  # readers may not be shown one
    assert page.get_by_text("Choose at least one topic before it is published.").is_visible()
    assert page.locator("#id_body_error").get_by_text("[^study]:").is_visible()
    assert "Rest helps" in body(page).input_value()

    body(page).fill("## Why\n\nRest helps.[^study]\n\n[^study]: A study, 2020.\n")
    page.get_by_label("Standfirst:").fill("A small case for the afternoon nap.")
    page.locator("#id_topic_links-0-topic").select_option(label="Living")
    save(page)
    assert page.get_by_text("was changed successfully").is_visible()
    article.refresh_from_db()
    assert article.is_published

    page.locator("#id_slug").fill("rest")
    save(page)
    page.goto("/articles/rest-is-not-giving-up/")
    assert page.url.endswith("/articles/rest/")

    page.goto(f"/admin/articles/article/{article.pk}/change/")
    page.locator("#id_withdraw_at_0").fill("2026-02-01")
    page.locator("#id_withdraw_at_1").fill("09:00")
    save(page)
    assert page.get_by_text("Tell readers in one sentence why it is withdrawn.").is_visible()
    page.get_by_label("Withdrawal reason:").fill("The study was taken back.")
    save(page)
    assert page.goto("/articles/rest/").status == 410
    assert page.get_by_text("The study was taken back.").is_visible()


def test_a_picture_dropped_into_the_text_is_named_at_the_cursor(desk):
    page = desk
    page.goto("/admin/articles/article/add/")
    body(page).fill("Before. ")
    data = list(picture_bytes("JPEG"))
    page.evaluate(
        """data => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(data)], 'Shore.jpg', {type: 'image/jpeg'}));
            document.querySelector('#id_body').dispatchEvent(
                new DragEvent('drop', {dataTransfer: files, bubbles: true, cancelable: true}));
        }""",
        data,
    )
    expect(body(page)).to_have_value("Before. ![What it shows](picture:shore.jpg)")
    page.locator(".markdownx-preview img").wait_for()


def test_a_keyboard_can_leave_the_text_field(desk):
    page = desk
    page.goto("/admin/articles/article/add/")
    body(page).focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "id_body"
    assert body(page).input_value() == ""


def test_choosing_a_picture_and_a_contributor_by_name_works_under_the_policy(desk):
    """Django's chooser writes styles from its script, which a strict policy could refuse."""
    page = desk
    page.goto("/admin/articles/article/add/")
    page.locator("#bylines-group .select2-selection").first.click()
    page.locator(".select2-search__field").last.fill("Dana")
    page.get_by_role("option", name="Dana Okafor").click()
    expect(page.locator("#bylines-group .select2-selection__rendered").first).to_have_text(
        "Dana Okafor"
    )

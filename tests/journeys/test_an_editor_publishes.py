"""An editor at her desk, in a real browser. Any console error or refused script fails it (see
conftest.py). No worker runs in any of these."""

import re
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from articles.models import Article, Revision
from articles.moments import in_words
from articles.publishing import schedule
from articles.revisions import save_revision, working_revision
from tests.factories import (
    make_article,
    make_contributor,
    make_member,
    make_picture,
    make_policy_version,
    make_topic,
    picture_bytes,
)

# What the browser does when somebody pastes into the text.
PASTE = """text => {
    const data = new DataTransfer();
    data.setData('text', text);
    document.querySelector('#id_body').dispatchEvent(
        new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def ground(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make_topic("Living")
    make_contributor("Dana Okafor")


def sign_in(page, email="editor@harbor.example"):
    page.goto("/admin/")
    page.get_by_label("Email").fill(email.upper())
    page.get_by_label("Password").fill("a password")
    page.get_by_role("button", name="Log in").click()
    return page


@pytest.fixture
def desk(page):
    make_member(email="editor@harbor.example", display_name="Ana", editor=True)
    return sign_in(page)


def body(page):
    return page.locator("#id_body")


def press(page, name, **options):
    page.get_by_role("button", name=name, **options).first.click()


def save(page):
    press(page, "Save", exact=True)
    page.locator(".messagelist").wait_for()


def see(page, text):
    expect(page.get_by_text(text).first).to_be_visible()


def schedule_for_the_next_minute(page):
    """A machine may be so slow that the minute has passed when the form arrives."""
    for _ in range(3):
        now = timezone.localtime()
        at = now.replace(second=0, microsecond=0) + timedelta(minutes=1 if now.second < 50 else 2)
        page.get_by_label("Or on a day and time").fill(f"{at:%Y-%m-%dT%H:%M}")
        press(page, f"Schedule for {in_words(at)}")
        answer = page.get_by_text(f"Scheduled for {in_words(at)}.")
        expect(answer.or_(page.get_by_text("Choose a moment in the future")).first).to_be_visible()
        if answer.count():
            return at
    return pytest.fail("the machine is too slow to schedule anything for the next minute")


def open_article(page, article):
    page.goto(f"/admin/articles/article/{article.pk}/change/")


def test_from_the_first_word_to_the_last_undo(
    desk, expected_console_errors, live_server, browser, settings
):
    """Write, cite, picture, preview, schedule, appear, revise, compare, restore, withdraw, undo."""
    expected_console_errors += ["404", "410"]
    page = desk
    make_picture("shore.png")
    make_policy_version("disclaimer")

    # Write
    page.get_by_role("link", name="Write an article").click()
    page.get_by_label("Title", exact=True).press_sequentially("Rest is not giving up")
    page.get_by_label("Standfirst").fill("A small case for the afternoon nap.")
    page.get_by_label("Main topic").select_option(label="Living")
    body(page).fill("## Why\n\nRest helps.")

    # Two citations, the second from a pasted address
    press(page, "Cite a source")
    page.get_by_label("Who says it").fill("Smith")
    page.locator("#cite-title").fill("A study of rest")
    page.get_by_label("Year").fill("2020")
    press(page.locator("[data-dialog=citation]"), "Put it at the cursor")
    expect(body(page)).to_have_value(
        "## Why\n\nRest helps.[^smith-2020]\n\n[^smith-2020]: Smith. A study of rest. 2020\n"
    )
    page.keyboard.type(" It helps twice.")
    page.evaluate(PASTE, "https://example.org/naps")
    expect(page.get_by_label("Address (optional)")).to_have_value("https://example.org/naps")
    page.get_by_label("Who says it").fill("Nap Society")
    press(page.locator("[data-dialog=citation]"), "Put it at the cursor")
    assert "It helps twice.[^nap]" in body(page).input_value()
    assert "[^nap]: Nap Society. <https://example.org/naps>" in body(page).input_value()

    # A picture, with its alternative text asked for
    page.keyboard.type("\n\n")
    press(page, "Add a picture")
    page.get_by_role("button", name="shore.png").click()
    press(page.locator("[data-dialog=picture]"), "Put it at the cursor")
    see(page, "Say what the picture shows.")
    page.get_by_label("What does it show?").fill("A quiet shore.")
    press(page.locator("[data-dialog=picture]"), "Put it at the cursor")
    assert "![A quiet shore.](picture:shore.png)" in body(page).input_value()

    # Preview at three widths, and the link without an account
    press(page, "Save and preview")
    for width in ("Phone", "Tablet", "Desktop"):
        page.get_by_role("link", name=width, exact=True).click()
        frame = page.frame_locator("iframe")
        frame.get_by_role("heading", name="Rest is not giving up").wait_for()
        assert frame.get_by_text("Preview of revision 1.").is_visible()
    link = page.get_by_label("Link to share").input_value()
    link = link.replace(settings.SITE_URL, live_server.url)
    stranger = browser.new_context()
    other = stranger.new_page()
    other.goto(link)
    assert other.get_by_role("heading", name="Rest is not giving up").is_visible()
    assert other.locator("figure img").get_attribute("alt") == "A quiet shore."
    stranger.close()

    # Schedule, in one step, for the next minute; newer words of a live article wait for it too
    page.get_by_role("link", name="Back to writing").click()
    see(page, "Ready for readers")
    article = Article.objects.get()
    live = make_article(title="Live", slug="live", body="Old words.\n")
    newer = save_revision(live, working_revision(live).content | {"body": "New words.\n"})
    at = schedule_for_the_next_minute(page)
    schedule(live, at, revision=newer.revision)
    page.goto("/admin/articles/article/")
    see(page, in_words(at))
    assert page.goto("/articles/rest-is-not-giving-up/").status == 200  # as an editor
    stranger = browser.new_context(base_url=live_server.url)
    readers = stranger.request
    # The minute comes by the real clock; no worker runs.
    while (answer := readers.get("/articles/rest-is-not-giving-up/")).status != 200:
        assert answer.status == 404 and timezone.now() < at + timedelta(seconds=20)
        old = readers.get("/articles/live/").text()
        assert "New words." not in old or timezone.now() >= at
        time.sleep(0.5)
    assert timezone.now() >= at
    assert "Rest helps." in answer.text()
    assert "New words." in readers.get("/articles/live/").text()
    stranger.close()
    page.goto("/articles/rest-is-not-giving-up/")
    assert not page.get_by_text("Only editors can see this page").is_visible()

    # Revise it live: readers keep the published words
    open_article(page, article)
    body(page).fill(body(page).input_value().replace("Rest helps.", "Rest helps most of us."))
    save(page)
    see(page, "Saved as revision 2.")
    page.goto("/articles/rest-is-not-giving-up/")
    see(page, "Rest helps.")

    # Schedule the revision; at its minute the next reader sees it
    open_article(page, article)
    page.get_by_label("Or on a day and time").fill("2199-10-12T09:00")
    press(page, "Schedule for October 12, 2199, 9:00 am")
    see(page, "Scheduled for October 12, 2199, 9:00 am.")
    page.goto("/articles/rest-is-not-giving-up/")
    see(page, "Rest helps.")
    Article.objects.filter(pk=article.pk).update(next_at=timezone.now() - timedelta(seconds=1))
    page.goto("/articles/rest-is-not-giving-up/")
    see(page, "Rest helps most of us.")

    # Compare and restore
    open_article(page, article)
    page.get_by_role("link", name="History").click()
    press(page, "Compare the two")
    expect(page.locator("ins").get_by_text("most of us")).to_be_visible()
    page.get_by_role("link", name="Go back to revision 1").click()
    press(page, "Go back to revision 1")
    see(page, "Revision 3 says again what 1 said.")
    assert "most of us" not in body(page).input_value()
    press(page, "Save and publish")
    see(page, "Published. Readers see these words now.")
    page.goto("/articles/rest-is-not-giving-up/")
    assert not page.get_by_text("most of us").is_visible()

    # A changed address leads on
    open_article(page, article)
    page.get_by_label("Address", exact=True).fill("rest")
    press(page, "Save and publish")
    see(page, "Published. Readers see these words now.")
    page.goto("/articles/rest-is-not-giving-up/")
    assert page.url.endswith("/articles/rest/")

    # Withdraw and undo
    open_article(page, article)
    page.get_by_role("link", name="Withdraw").click()
    press(page, "Withdraw it")
    see(page, "Tell readers in one sentence why it is withdrawn.")
    page.get_by_label("Why is it withdrawn?").fill("The study was taken back.")
    press(page, "Withdraw it")
    undo = page.get_by_role("button", name="Undo", exact=True)
    expect(undo).to_be_visible()
    assert page.context.request.get(f"{live_server.url}/articles/rest/").status == 410
    undo.click()
    see(page, "Undone. Readers see it as before.")
    assert page.context.request.get(f"{live_server.url}/articles/rest/").status == 200
    assert [entry.deed for entry in article.audit_entries.order_by("pk")] == [
        *("scheduled", "scheduled", "took-effect", "restored", "published", "published"),
        *("withdrew", "brought-back"),
    ]


def test_a_draft_may_hold_mistakes_and_what_readers_see_may_not(desk):
    page = desk
    page.goto("/admin/articles/article/add/")
    body(page).fill("## Why\n\nRest helps.[^study] <script>alert(1)</script>\n")
    preview = page.locator(".markdownx-preview")
    preview.get_by_text("Add the source: a line that starts with [^study]:").wait_for()
    assert preview.get_by_role("heading", name="Why").is_visible()
    assert preview.get_by_text("<script>alert(1)</script>").is_visible()
    press(page, "Publish now")
    for sentence in (
        "Line 3: Add the source: a line that starts with [^study]:",
        "Choose at least one topic.",
        "To publish it, write a title, a standfirst and a text.",
        "Your words are saved, and readers see no change.",
    ):
        see(page, sentence)
    article = Article.objects.get()
    assert article.state == "draft" and "Rest helps" in body(page).input_value()


def test_words_outlive_the_session_that_wrote_them(desk, expected_console_errors):
    """The session ends in mid-sentence; sign-in in another tab, and the first tab saves."""
    expected_console_errors.append("403")
    page = desk
    article = make_article(draft=True, title="Long work")
    open_article(page, article)
    body(page).fill("An hour of writing.\n")
    page.get_by_text("Not saved yet.").wait_for()
    page.context.clear_cookies()
    body(page).fill("Two hours of writing.\n")
    page.get_by_text("You are signed out.").wait_for()
    press(page, "Save", exact=True)
    assert body(page).input_value() == "Two hours of writing.\n"  # still here
    see(page, "You are signed out.")

    other = page.context.new_page()
    sign_in(other)
    other.close()
    page.bring_to_front()
    save(page)
    see(page, "Saved as revision 2.")
    assert body(page).input_value() == "Two hours of writing.\n"


def test_words_that_were_not_saved_come_back_when_the_form_is_opened_again(desk):
    page = desk
    article = make_article(draft=True, title="Long work")
    open_article(page, article)
    body(page).fill("Half a thought")
    page.get_by_text("Not saved yet.").wait_for()
    page.goto("/admin/")  # the tab went away
    open_article(page, article)
    assert body(page).input_value() == "Half a thought"
    see(page, "They are kept, but not saved yet.")
    press(page, "Throw them away")
    expect(body(page)).to_have_value("The text.\n")
    assert Revision.objects.count() == 0


def test_two_editors_are_told_and_neither_loses_a_word(desk, browser, live_server):
    page = desk
    make_member(email="bea@harbor.example", display_name="Bea", editor=True)
    article = make_article(draft=True, title="Ours")
    open_article(page, article)
    second = browser.new_context(base_url=live_server.url)
    bea = sign_in(second.new_page(), "bea@harbor.example")
    open_article(bea, article)
    bea.get_by_text("Ana has this article open too.").wait_for()
    body(bea).fill("The text by Bea.\n")
    save(bea)
    second.close()

    body(page).fill("The text by Ana.\n")
    press(page, "Save", exact=True)
    page.get_by_role("heading", name="Two people saved this article").wait_for()
    assert page.locator("del").get_by_text("Bea").is_visible()
    assert page.locator("ins").get_by_text("Ana").is_visible()
    assert [r.content["body"] for r in Revision.objects.order_by("number")] == [
        *("The text.\n", "The text by Bea.\n", "The text by Ana.\n")
    ]
    press(page, "Go on with my words")
    see(page, "Revision 4 says again what 3 said.")
    assert body(page).input_value() == "The text by Ana.\n"
    assert Revision.objects.working(article).number == 4


def test_a_contributor_writes_and_submits_and_an_editor_publishes(page, browser, live_server):
    writer = make_member(email="writer@harbor.example", display_name="Wren", writer=True)
    make_contributor("Wren Okafor", member=writer)
    make_article(draft=True, title="Not hers")
    sign_in(page, "writer@harbor.example")
    page.goto("/admin/articles/article/")
    assert not page.get_by_text("Not hers").is_visible()
    page.goto("/admin/articles/article/add/")
    assert not page.get_by_role("button", name="Publish now").is_visible()
    page.get_by_label("Title", exact=True).fill("My Tuesday")
    page.get_by_label("Standfirst").fill("One day of many.")
    page.get_by_label("Main topic").select_option(label="Living")
    body(page).fill("I slept.\n")
    save(page)
    press(page, "Save and submit for review")
    see(page, "Submitted. An editor will read it.")

    make_member(email="editor@harbor.example", display_name="Ana", editor=True)
    context = browser.new_context(base_url=live_server.url)
    ana = sign_in(context.new_page())
    assert ana.get_by_role("heading", name="Waiting for review").is_visible()
    ana.get_by_role("link", name="My Tuesday").click()
    ana.get_by_label("Or send it back: what is missing?").fill("Say where you slept.")
    press(ana, "Send back")
    see(ana, "Sent back.")

    page.reload()
    see(page, "Say where you slept.")
    body(page).fill("I slept at home.\n")
    press(page, "Save and submit for review")
    see(page, "Submitted. An editor will read it.")
    article = Article.objects.get(title="My Tuesday")
    open_article(ana, article)
    press(ana, "Publish now")
    see(ana, "Published. Readers see these words now.")
    context.close()
    page.goto("/articles/my-tuesday/")
    see(page, "I slept at home.")
    assert page.get_by_role("link", name="Wren Okafor").is_visible()


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
    # Nobody has said yet what it shows.
    page.locator(".markdownx-preview").get_by_text("with what the picture shows").wait_for()


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
    page.locator("#field_writer_0 .select2-selection").click()
    page.locator(".select2-search__field").last.fill("Dana")
    page.get_by_role("option", name="Dana Okafor").click()
    expect(page.locator("#field_writer_0 .select2-selection__rendered")).to_contain_text(
        "Dana Okafor"
    )


def test_save_without_a_net_leaves_every_word_and_works_once_it_is_back(
    desk, expected_console_errors
):
    expected_console_errors.append("ERR_INTERNET_DISCONNECTED")
    page = desk
    article = make_article(draft=True, title="On the train")
    open_article(page, article)
    page.context.set_offline(True)
    body(page).fill("Written in a tunnel.\n")
    press(page, "Save", exact=True)
    see(page, "The site cannot be reached.")
    expect(body(page)).to_have_value("Written in a tunnel.\n")
    page.context.set_offline(False)
    save(page)
    see(page, "Saved as revision 2.")
    assert working_revision(article).content["body"] == "Written in a tunnel.\n"


def test_undo_takes_back_a_citation_and_a_picture_and_then_the_words_before(desk):
    page = desk
    make_picture("shore.png")
    page.goto("/admin/articles/article/add/")
    body(page).press_sequentially("Rest.")
    press(page, "Cite a source")
    page.get_by_label("Who says it").fill("Smith")
    press(page.locator("[data-dialog=citation]"), "Put it at the cursor")
    expect(body(page)).to_have_value("Rest.[^smith]\n\n[^smith]: Smith\n")
    press(page, "Add a picture")
    page.get_by_role("button", name="shore.png").click()
    page.get_by_label("What does it show?").fill("A shore.")
    press(page.locator("[data-dialog=picture]"), "Put it at the cursor")
    expect(body(page)).to_have_value(re.compile("picture:shore.png"))
    undo_until(page, "Rest.[^smith]\n\n[^smith]: Smith\n")
    undo_until(page, "Rest.")
    undo_until(page, "")
    page.get_by_text("Not saved yet.").wait_for()


def undo_until(page, words):
    """Each step takes back something; a citation is two, the mark and its line."""
    for _ in range(12):
        if body(page).input_value() == words:
            return
        body(page).press("ControlOrMeta+z")
    assert body(page).input_value() == words


@pytest.mark.parametrize("way_out", ["Escape", "Paste it as it is"])
def test_a_pasted_address_stays_when_the_offer_to_cite_it_is_declined(desk, way_out):
    page = desk
    page.goto("/admin/articles/article/add/")
    body(page).fill("See ")
    page.evaluate(PASTE, "https://example.org/naps")
    expect(page.get_by_label("Address (optional)")).to_have_value("https://example.org/naps")
    if way_out == "Escape":
        page.keyboard.press("Escape")
    else:
        press(page.locator("[data-dialog=citation]"), way_out)
    expect(body(page)).to_have_value("See https://example.org/naps")
    press(page, "Cite a source")
    expect(page.get_by_label("Address (optional)")).to_have_value("")
    page.get_by_text("Not saved yet.").wait_for()


def test_two_new_articles_in_two_tabs_keep_their_own_words(desk):
    page = desk
    page.goto("/admin/articles/article/add/")
    page.get_by_label("Title", exact=True).fill("The first")
    page.get_by_text("Not saved yet.").wait_for()
    other = page.context.new_page()
    other.goto("/admin/articles/article/add/")
    expect(other.get_by_label("Title", exact=True)).to_have_value("")
    other.get_by_label("Title", exact=True).fill("The second")
    other.get_by_text("Not saved yet.").wait_for()
    save(other)
    other.close()
    page.goto("/admin/")  # the first tab went away
    page.goto("/admin/articles/article/add/")
    expect(page.get_by_role("link", name="The second")).to_have_count(0)
    page.get_by_role("link", name="Go on with “The first”").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("The first")
    save(page)
    assert set(Article.objects.values_list("title", flat=True)) == {"The first", "The second"}
    page.goto("/admin/articles/article/add/")
    expect(page.get_by_text("You began")).to_have_count(0)

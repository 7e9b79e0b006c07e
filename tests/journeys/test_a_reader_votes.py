"""The two polls of an article page, in a real browser: in the text and at its foot."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from polls.models import Choice, Poll
from polls.placing import one_poll
from tests.factories import fill_ballots, make_article, make_member, make_poll, make_topic

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def article():
    hard = make_poll("Yes", "No", slug="hard", question="Is it hard for you to speak up?")
    survey = make_poll("Yes", "Not yet", slug="survey", kind="one", featured=True,
                       question="Have you filled in our yearly survey?")  # fmt: skip
    Choice.objects.filter(poll=survey, position=2).update(
        follow_text="Take the survey", follow_url="/articles/"
    )
    fill_ballots(hard, 10, 5)
    return make_article(body="## Begin\n\nWords.\n\n[[poll:hard]]\n\nMore words.\n")


def voters(slug):
    return one_poll(slug).voters


def test_by_keyboard_with_the_result_in_place_announced_and_focus_kept(page, article):
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(article.get_absolute_url())
    poll = page.get_by_role("region", name="Is it hard for you to speak up?")
    poll.get_by_role("radio", name="Yes").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(poll.get_by_text("Your vote is counted.")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Your vote is counted. Yes: 69%, No: 31%")
    expect(poll.get_by_role("heading", name="Is it hard for you to speak up?")).to_be_focused()
    assert page.url.endswith(article.get_absolute_url())
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert Axe().run(page).response["violations"] == []
    assert voters("hard") == 16

    poll.get_by_role("link", name="Change my vote").click()
    expect(poll.get_by_role("radio", name="Yes")).to_be_checked()
    poll.get_by_role("radio", name="No", exact=True).check()
    poll.get_by_role("button", name="Change my vote").click()
    expect(page.get_by_role("status")).to_contain_text("No: 37%")
    poll.get_by_role("button", name="Take back my vote").click()
    expect(page.get_by_role("status")).to_contain_text("Your vote is taken back.")
    assert voters("hard") == 15


def test_not_yet_leads_to_the_survey(page, article):
    page.goto(article.get_absolute_url())
    poll = page.get_by_role("region", name="Have you filled in our yearly survey?")
    poll.get_by_role("button", name="Vote").click()
    expect(poll.get_by_text("Choose an answer.")).to_be_focused()
    poll.get_by_role("radio", name="Not yet").check()
    poll.get_by_role("button", name="Vote").click()
    expect(poll.get_by_role("link", name="Take the survey")).to_be_visible()
    assert "after 10 people" in poll.inner_text()


def test_without_javascript(browser, live_server, article):
    context = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    page = context.new_page()
    page.goto(article.get_absolute_url())
    poll = page.locator("#poll-hard")
    poll.get_by_label("No", exact=True).check()
    poll.get_by_role("button", name="Vote").click()
    expect(page.get_by_text("Your vote is counted.")).to_be_visible()
    expect(page.get_by_text("Your vote", exact=True)).to_be_visible()
    page.get_by_role("link", name="Go back to where you were").click()
    assert page.url.endswith(f"{article.get_absolute_url()}#poll-hard")
    context.close()
    assert voters("hard") == 16


def test_an_editor_places_a_poll_with_the_picker_and_sees_it(page, settings):
    make_topic("Living")
    make_poll("Tea", "Coffee", slug="tea", question="Tea or coffee?")
    make_member(email="editor@harbor.example", editor=True)
    page.goto("/admin/articles/article/add/")
    page.get_by_label("Email").fill("editor@harbor.example")
    page.get_by_label("Password").fill("a password")
    page.get_by_role("button", name="Log in").click()
    page.locator("#id_body").fill("Before.")
    page.get_by_role("button", name="Place a poll").click()
    dialog = page.get_by_role("dialog", name="Place a poll")
    dialog.get_by_role("searchbox").fill("coff")
    expect(dialog.get_by_role("status")).to_have_text("1 poll, the newest first.")
    assert Axe().run(page, ".desk-dialog").response["violations"] == []
    dialog.get_by_role("searchbox").focus()
    page.keyboard.press("Enter")  # closes nothing, sends nothing
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Tea or coffee?")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).not_to_be_visible()
    expect(page.locator("#id_body")).to_have_value("Before.\n\n[[poll:tea]]\n\n")
    expect(page.locator(".markdownx-preview")).to_contain_text("Tea or coffee?")
    assert Poll.objects.count() == 1


def test_a_double_press_in_one_page_is_one_vote(page, article):
    """The first vote of this browser: neither press has a cookie."""
    page.goto(article.get_absolute_url())
    poll = page.get_by_role("region", name="Is it hard for you to speak up?")
    poll.get_by_role("radio", name="Yes").check()
    poll.get_by_role("button", name="Vote").dblclick(no_wait_after=True)
    expect(poll.get_by_text("Your vote is counted.")).to_be_visible()
    assert voters("hard") == 16


def test_a_double_press_without_javascript_is_one_vote(browser, live_server, article):
    """The second press takes the place of the first: its answer, cookie and all, is dropped."""
    context = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    page = context.new_page()
    page.goto(article.get_absolute_url())
    poll = page.locator("#poll-hard")
    poll.get_by_label("Yes", exact=True).check()
    poll.get_by_role("button", name="Vote").dblclick(no_wait_after=True)
    expect(page.get_by_text("Your vote is counted.")).to_be_visible()
    context.close()
    assert voters("hard") == 16


def test_a_screen_reader_is_told_question_answers_and_result(page, article):
    page.goto(article.get_absolute_url())
    for slug, question, second in (
        ("hard", "Is it hard for you to speak up?", "No"),
        ("survey", "Have you filled in our yearly survey?", "Not yet"),
    ):
        poll = page.locator(f"#poll-{slug}")
        expect(poll).to_match_aria_snapshot(f'''
          - region "{question}":
            - group /{question.replace("?", "[?]")}/:
              - heading "{question}" [level=2]
              - radio "Yes"
              - radio "{second}"
              - radio "Prefer not to say"
            - button "Vote"
            - link "See results without voting"
        ''')
    poll = page.locator("#poll-hard")
    poll.get_by_role("radio", name="Yes").check()
    poll.get_by_role("button", name="Vote").click()
    expect(poll).to_match_aria_snapshot("""
      - region "Is it hard for you to speak up?":
        - paragraph: Your vote is counted.
        - heading "Is it hard for you to speak up?" [level=2]
        - list:
          - listitem: /69% Yes 11 people Your vote/
          - listitem: /31% No 5 people/
    """)


def test_the_poll_at_the_foot_by_keyboard_at_320_px_and_without_javascript(
    browser, live_server, article
):
    context = browser.new_context(
        java_script_enabled=False, base_url=live_server.url,
        viewport={"width": 320, "height": 800},
    )  # fmt: skip
    page = context.new_page()
    page.goto(article.get_absolute_url())
    assert page.locator("#poll-survey").bounding_box()["width"] <= 320
    page.locator("#poll-survey").get_by_label("Not yet").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your vote: Not yet.")).to_be_visible()
    expect(page.get_by_role("link", name="Take the survey")).to_be_visible()
    context.close()
    assert voters("survey") == 1

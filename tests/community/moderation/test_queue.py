"""The lines of the queue: in order, complete, and at a cost that does not grow."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from community.comments import reports
from community.comments.models import Report
from community.moderation import queue
from community.moderation.models import Appeal
from tests.community.comments.factories import make_comment, rules_in_force
from tests.community.moderation.factories import decide, make_moderator, make_report
from tests.factories import make_article, make_member

pytestmark = pytest.mark.django_db

MOST_QUERIES = 10


@pytest.fixture
def desk(client):
    client.force_login(make_moderator())
    client.get("/moderation/rota/", secure=True)  # the session says once that staff was here
    return client


@pytest.fixture
def full():
    """Each line longer than a page."""
    rules_in_force()
    article, writers = make_article(), [make_member() for _ in range(5)]
    mo = make_moderator()
    for n in range(25):
        by = writers[n % 5]
        make_comment(f"Held {n}", by=by, on=article, state="held")
        reported = make_comment(f"Reported {n}", by=by, on=article)
        make_report(reported)
        make_report(reported, reason="worried")
        act = decide("hidden", make_comment(f"Hidden {n}", by=by, on=article), by=mo)
        Appeal.objects.create(act=act, member=by, words="Look again.")
    for writer in writers:
        make_report(member=writer)
    return article


def test_every_page_of_the_desk_stays_within_ten_queries(desk, full):
    held = queue.page("held")[0][3].comment
    worried = queue.page("worried")[0][3].comment
    appeal = Appeal.objects.latest("pk")
    pages = [
        "/moderation/", "/moderation/held/", "/moderation/reports/", "/moderation/appeals/",
        "/moderation/checks/", "/moderation/record/", "/moderation/record/?q=hidden&rule=3",
        "/moderation/rota/", f"/moderation/comments/{held.pk}/",
        f"/moderation/comments/{worried.pk}/", f"/moderation/members/{worried.author_id}/",
        f"/moderation/comments/{held.pk}/decide/?do=hidden&rule=3",
        f"/moderation/comments/{worried.pk}/decide/?do=kept",
        f"/moderation/appeals/{appeal.pk}/", f"/moderation/acts/{appeal.pk}/",
        "/moderation-in-numbers/",
    ]  # fmt: skip
    for page in pages:
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(page, secure=True).status_code == 200, page
        assert len(asked) <= MOST_QUERIES, (page, [query["sql"][:90] for query in asked])


@pytest.mark.parametrize("line", ["worried", "held", "reports", "appeals"])
def test_every_item_of_a_line_comes_once_the_oldest_first(full, line):
    seen, after = [], None
    for _ in range(5):
        items, more = queue.page(line, after)
        seen += items
        if not more:
            break
        after = queue.read_key(more)
    count = {tally.line: tally.count for tally in queue.tally().lines}[line]
    keys = [
        (item.comment and item.comment.pk, item.member and item.member.pk,
         item.appeal and item.appeal.pk) for item in seen
    ]  # fmt: skip
    assert len(keys) == len(set(keys)) == count >= 25
    assert [item.since for item in seen] == sorted(item.since for item in seen)


def test_several_reports_about_one_comment_are_one_item(desk):
    comment = make_comment()
    for _ in range(3):
        make_report(comment)
    make_report(member=make_member())
    [item, profile] = queue.page("reports")[0]
    assert item.count == 3 and profile.member is not None
    assert "3 reports" in desk.get("/moderation/reports/", secure=True).content.decode()


def test_the_worried_line_is_first_even_when_others_wait_longer(desk):
    make_comment(state="held")
    make_report(make_comment("Words that stay closed."), reason="worried")
    page = desk.get("/moderation/", secure=True).content.decode()
    assert "someone may need help" in page and "Words that stay closed" not in page


def test_who_has_an_item_open_is_told_to_the_others(desk, client):
    comment = make_comment(state="held")
    other = make_moderator(display_name="Ama")
    from django.test import Client

    elsewhere = Client()
    elsewhere.force_login(other)
    elsewhere.post(f"/moderation/comments/{comment.pk}/open/", secure=True)
    for address in ("/moderation/held/", f"/moderation/comments/{comment.pk}/"):
        assert "Ama has this open now" in desk.get(address, secure=True).content.decode()
    page = elsewhere.get(f"/moderation/comments/{comment.pk}/", secure=True).content.decode()
    assert "has this open now" not in page


def test_a_request_for_help_stands_with_the_item_until_it_is_decided(desk):
    comment = make_comment(state="held")
    address = reverse("moderation:pass-on", args=[comment.pk])
    desk.post(address, {"what": "asked", "words": ""}, secure=True)
    assert (
        "Write what the others should know"
        in desk.post(address, {"what": "asked", "words": " "}, secure=True).content.decode()
    )
    desk.post(address, {"what": "asked", "words": "Is this a doctor?"}, secure=True)
    page = desk.get("/moderation/held/", secure=True).content.decode()
    assert "Is this a doctor?" in page
    decide("accepted", comment)
    assert "Is this a doctor?" not in desk.get("/moderation/held/", secure=True).content.decode()


def test_plain_spam_is_taken_down_in_bulk_each_writer_told_and_what_changed_is_left(desk):
    spam = [make_comment(f"Buy {n}", state="held") for n in range(3)]
    page = desk.post(
        "/moderation/spam/", {"comment": [c.pk for c in spam], "line": "held"}, secure=True
    )
    seen = {f"seen-{comment.pk}": version for comment, version in page.context["comments"]}
    decide("accepted", spam[0])
    data = {"comment": [c.pk for c in spam], "line": "held", "sure": "1"} | seen
    page = desk.post("/moderation/spam/", data, secure=True, follow=True).content.decode()
    assert "2 taken down" in page and "1 were left" in page
    for comment in spam:
        comment.refresh_from_db()
    assert [comment.state for comment in spam] == ["visible", "removed", "removed"]
    assert all(c.author.moderation_messages.exists() for c in spam)


def test_odd_addresses_and_forms_are_answered_calmly(desk):
    comment = make_comment(state="held")
    huge = "9" * 30
    for address in (
        "/moderation/held/?after=x", f"/moderation/held/?after={huge}-{huge}",
        "/moderation/held/?after=nan-1", "/moderation/held/?after=inf-1",
        "/moderation/record/?q=%00&name=%00&rule=x&before=-1", "/moderation/record/?q=a:*%26",
        f"/moderation/record/?before={huge}", f"/moderation/comments/{comment.pk}/decide/?do=noted",
    ):  # fmt: skip
        assert desk.get(address, secure=True).status_code == 200, address
    for address in (
        f"/moderation/comments/{huge}/", "/moderation/nothing/", f"/moderation/acts/{huge}/",
        f"/moderation/comments/{comment.pk}/decide/?do=banana", f"/moderation/members/{huge}/",
        f"/moderation/appeals/{huge}/", "/moderation-in-numbers/99999/",
    ):  # fmt: skip
        assert desk.get(address, secure=True).status_code == 404, address
    address = f"/moderation/comments/{comment.pk}/decide/"
    seen = desk.get(f"{address}?do=hidden", secure=True).context["case"].seen
    for words in ("\0", "\ud800".encode("utf-8", "surrogatepass"), "x" * 100_000, "\u202eevil"):
        page = desk.post(
            address, {"do": "hidden", "why": words, "rule": "77", "seen": seen}, secure=True
        )
        assert page.status_code == 200 and b"There is a problem" in page.content


def test_a_message_is_sent_only_as_it_was_shown(desk):
    comment = make_comment("Buy.", state="held")
    address = f"/moderation/comments/{comment.pk}/decide/"
    data = {"do": "hidden", "rule": "2", "why": "It sells."}
    page = desk.get(f"{address}?do=hidden&rule=1", secure=True)
    data |= {"seen": page.context["case"].seen, "shown": page.context["shown"]}
    page = desk.post(address, data, secure=True)
    assert page.status_code == 200 and b"Read the message below once more" in page.content
    comment.refresh_from_db()
    assert comment.state == "held"
    page = desk.post(address, data | {"shown": page.context["shown"]}, secure=True)
    assert page.status_code == 302
    comment.refresh_from_db()
    assert comment.broken_rule == 2 and "Rule 2" in comment.moderation_acts.get().told


def test_the_outcome_reaches_the_reporter_and_later_reports_wait():
    comment = make_comment()
    report = make_report(comment, by=make_member())
    decide("hidden", comment)
    report.refresh_from_db()
    assert report.outcome == "A moderator took it down."
    reports.report(comment=comment, reason="spam", where="later")
    assert Report.objects.waiting().count() == 1

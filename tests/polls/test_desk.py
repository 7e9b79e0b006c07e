"""Editors make, open, close and watch polls; nobody sees whose vote is whose."""

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from articles.revisions import content_of, save_revision
from polls.models import HourCount, Placement, Poll
from tests.factories import fill_ballots, make_article, make_member, make_poll

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(make_member(editor=True))
    return client


def form(*texts, **values):
    data = {
        "kind": "this-or-that",
        "question": "Tea or coffee?",
        "slug": "tea-or-coffee",
        "min_choices": 1,
        "max_choices": 1,
        "choices-TOTAL_FORMS": len(texts),
        "choices-INITIAL_FORMS": 0,
        "placements-TOTAL_FORMS": 0,
        "placements-INITIAL_FORMS": 0,
    }
    for n, text in enumerate(texts):
        data[f"choices-{n}-text"] = text
    return data | values


def add(desk, *texts, **values):
    return desk.post(reverse("admin:polls_poll_add"), form(*texts, **values), secure=True)


def test_an_editor_makes_a_draft_sees_it_before_it_opens_and_readers_do_not(desk, client):
    assert add(desk, "Tea", "Coffee").status_code == 302
    poll = Poll.objects.get()
    assert [choice.position for choice in poll.choices.all()] == [1, 2]
    page = desk.get(poll.get_absolute_url(), secure=True).content.decode()
    assert "Not open yet. Only editors can see this page." in page
    client.logout()
    assert client.get(poll.get_absolute_url(), secure=True).status_code == 404


@pytest.mark.parametrize(
    ("texts", "values", "says"),
    [
        (["Tea"], {}, "exactly two choices"),
        (["Tea", "tea"], {}, "only once"),
        (["A", "B", "C"], {}, "exactly two choices"),
        (list("ABCDEFGHI"), {"kind": "one"}, "2 to 8 choices"),
        (["A", "B"], {"kind": "several", "max_choices": 3}, "larger than the number"),
        (["A", "B"], {"kind": "several", "min_choices": 2}, "“at most” is the larger"),
        (["A", "B"], {"slug": "Tea_1"}, "small letters, digits and hyphens"),
        (["A", "B"], {"choices-0-follow_text": "Read"}, "needs words and an address"),
        (["A\x00", "B"], {}, "Null characters"),
    ],
)
def test_mistakes_are_told_and_nothing_is_saved(desk, texts, values, says):
    page = add(desk, *texts, **values)
    assert page.status_code == 200 and says in page.content.decode()
    assert not Poll.objects.exists()


def test_the_words_are_locked_once_people_have_voted(desk):
    poll = make_poll("Tea", "Coffee")
    address = reverse("admin:polls_poll_change", args=[poll.pk])
    assert 'name="question"' in desk.get(address, secure=True).content.decode()
    fill_ballots(poll, 1)
    html = desk.get(address, secure=True).content.decode()
    assert 'name="question"' not in html and "People have voted." in html
    assert not re.search(r'name="choices-\d-(text|DELETE)"', html)
    gone = desk.post(
        reverse("admin:polls_poll_delete", args=[poll.pk]), {"post": "yes"}, secure=True
    )
    assert gone.status_code == 403 and Poll.objects.exists()


def act(desk, poll, action):
    data = {"action": action, "_selected_action": [poll.pk]}
    desk.post(reverse("admin:polls_poll_changelist"), data, secure=True)
    poll.refresh_from_db()
    return poll.state


def test_opening_closing_and_reopening_are_one_press_and_on_record(desk):
    poll = make_poll(draft=True)
    assert [act(desk, poll, name) for name in ("open_now", "close_now", "reopen")] == [
        "open",
        "closed",
        "open",
    ]
    assert poll.closes_at is None
    log = apps.get_model("admin.LogEntry").objects.filter(object_id=str(poll.pk))
    assert log.count() == 3


def test_totals_live_where_used_and_bursts_are_shown_without_persons(desk):
    poll = make_poll("Tea", "Coffee")
    Placement.objects.create(article=make_article(title="On tea"), poll=poll)
    fill_ballots(poll, 9)
    address = reverse("admin:polls_poll_totals", args=[poll.pk])
    assert "100%" not in desk.get(address, secure=True).content.decode()
    fill_ballots(poll, 0, 1)
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    for hours, votes in ((3, 4), (2, 400), (1, 5)):
        hour = now - timedelta(hours=hours)
        HourCount.objects.create(poll=poll, hour=hour, part=0, votes=votes)
    page = desk.get(address, secure=True).content.decode()
    assert "On tea" in page and "90%" in page and "Look here:" in page and "400 votes" in page
    assert page.count('class="burst"') == 1 and page.count('class="hour"') == 3
    part = desk.get(address, secure=True, headers={"HX-Request": "true"}).content.decode()
    assert "90%" in part and "<html" not in part


def test_the_export_holds_totals_only_and_no_formula(desk):
    poll = make_poll("=1+1", "Coffee")
    fill_ballots(poll, 5, 4)
    address = reverse("admin:polls_poll_csv", args=[poll.pk])
    few = desk.get(address, secure=True)
    assert few["Content-Type"].startswith("text/csv") and "Coffee" not in few.content.decode()
    fill_ballots(poll, 1)
    assert desk.get(address, secure=True).content.decode().splitlines()[1:] == [
        "People who voted,10",
        "Answer,Votes,Percent",
        "'=1+1,6,60",
        "Coffee,4,40",
    ]


def test_only_people_with_the_permission_see_totals_and_the_picker(client):
    poll = make_poll()
    names = [("picker", []), ("totals", [poll.pk]), ("csv", [poll.pk])]
    client.force_login(make_member(staff=True))
    for name, args in names:
        page = client.get(reverse(f"admin:polls_poll_{name}", args=args), secure=True)
        assert page.status_code == 403, name
    client.force_login(make_member(editor=True))
    for name, args in names:
        page = client.get(reverse(f"admin:polls_poll_{name}", args=args), secure=True)
        assert page.status_code == 200, name


def test_nobody_has_a_way_to_ballots_at_the_desk(admin_client):
    permissions = apps.get_model("auth.Permission").objects
    assert not permissions.filter(content_type__model__in=["ballot", "tally", "hourcount"]).exists()
    assert "ballot" not in admin_client.get(reverse("admin:index"), secure=True).content.decode()


def test_the_preview_of_a_text_shows_its_polls_in_words(desk):
    make_poll("Tea", "Coffee", slug="tea", question="Tea or coffee?", draft=True)
    page = desk.post(
        reverse("admin:articles_article_preview"),
        {"content": "[[poll:tea]]\n\n[[poll:nowhere]]"},
        secure=True,
    ).content.decode()
    assert "Tea or coffee?" in page and "(draft)" in page and "<form" not in page
    assert "There is no poll “nowhere”." in page


def test_a_poll_that_an_article_holds_is_not_deleted_and_says_where(admin_client):
    poll, free = make_poll(slug="tea"), make_poll(slug="free")
    article = make_article(title="Holds it")
    save_revision(article, content_of(article) | {"body": "One.\n\n[[poll:tea]]\n"})
    url = reverse("admin:polls_poll_delete", args=[poll.pk])
    for answer in (
        admin_client.get(url, secure=True),
        admin_client.post(url, {"post": "yes"}, secure=True),
    ):
        assert "Holds it" in answer.content.decode()
    chosen = {"action": "delete_selected", "_selected_action": [poll.pk], "post": "yes"}
    admin_client.post(reverse("admin:polls_poll_changelist"), chosen, secure=True)
    admin_client.post(
        reverse("admin:polls_poll_delete", args=[free.pk]), {"post": "yes"}, secure=True
    )
    assert list(Poll.objects.all()) == [poll]

"""Editors make, open, close and watch polls; nobody sees whose vote is whose."""

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from polls.hours import votes_by_hour
from polls.models import HourCount, Placement, Poll
from polls.voting import cast, take_back
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
    assert "Not open yet. Only editors can see this page" in page
    assert reverse("admin:polls_poll_change", args=[poll.pk]) in page
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
        (
            ["A", "B"],
            {
                "opens_at_0": "2026-01-01",
                "opens_at_1": "09:00",
                "closes_at_0": "9999-12-31",
                "closes_at_1": "23:59",
            },
            "a year up to 2200",
        ),
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
    assert "<summary>The hours as a list" in page
    part = desk.get(address, secure=True, headers={"HX-Request": "true"}).content.decode()
    assert "90%" in part and "<html" not in part
    assert "<details" not in part  # it would close under the reader's eyes every few seconds


def test_the_export_holds_totals_only_and_no_formula(desk):
    poll = make_poll("=1+1", "Coffee")
    fill_ballots(poll, 5, 4)
    address = reverse("admin:polls_poll_csv", args=[poll.pk])
    few = desk.get(address, secure=True)
    assert few["Content-Type"].startswith("text/csv") and "Coffee" not in few.content.decode()
    fill_ballots(poll, 1)
    lines = desk.get(address, secure=True).content.decode().splitlines()
    assert lines[0].startswith("\ufeffAddress,https://testserver/polls/")
    assert lines[2].startswith("State,open on 2")
    assert lines[4:] == [
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


def burst_hours(*votes):
    poll, now = make_poll(), timezone.now().replace(minute=0, second=0, microsecond=0)
    for ago, count in enumerate(reversed(votes)):
        if count:
            hour = now - timedelta(hours=ago)
            HourCount.objects.create(poll=poll, hour=hour, part=0, votes=count)
    return [hour.votes for hour in votes_by_hour(poll) if hour.is_burst]


@pytest.mark.parametrize(
    ("votes", "bursts"),
    [
        ([8, 400], [400]),
        ([5, 5000], [5000]),
        ([8, 6, 400, 420], [400, 420]),
        ([39], []),
        ([40, 38, 45], []),
        ([6, 0, 0, 0, 0, 35], [35]),
        ([3, 29, 1], []),
    ],
)
def test_a_burst_is_told_by_the_other_hours_quiet_ones_too(votes, bursts):
    assert burst_hours(*votes) == bursts


def test_the_picture_of_hours_keeps_its_gaps():
    poll, now = make_poll(), timezone.now().replace(minute=0, second=0, microsecond=0)
    for ago in (10, 0, 500):
        hour = now - timedelta(hours=ago)
        HourCount.objects.create(poll=poll, hour=hour, part=0, votes=3)
    hours = votes_by_hour(poll)
    assert len(hours) == 168 and [hour.x for hour in hours if hour.votes] == [157 * 6, 167 * 6]


def test_one_visitor_who_votes_and_takes_back_all_day_draws_no_burst():
    poll = make_poll()
    fill_ballots(poll, 2)
    for _ in range(40):
        cast(poll, "guest:one", [1])
        take_back(poll, "guest:one")
    assert [hour.votes for hour in votes_by_hour(poll)] == [2]


def change(desk, poll, **values):
    """The whole form of a poll as it was before anybody voted."""
    texts = [choice.text for choice in poll.choices.all()]
    data = form(*texts, question=poll.question, slug=poll.slug, opens_at_0="2026-01-01")
    data |= {"opens_at_1": "00:00:00", "choices-INITIAL_FORMS": len(texts)}
    for n, choice in enumerate(poll.choices.all()):
        data[f"choices-{n}-id"], data[f"choices-{n}-poll"] = choice.pk, poll.pk
    address = reverse("admin:polls_poll_change", args=[poll.pk])
    return desk.post(address, data | values, secure=True)


def test_what_an_editor_writes_while_people_begin_to_vote_is_refused_and_kept(desk):
    poll = make_poll("Tea", "Coffee")
    fill_ballots(poll, 1)
    for values in ({"question": "Wine?"}, {"choices-0-text": "Wine"}):
        page = change(desk, poll, **values)
        html = page.content.decode()
        assert page.status_code == 200 and "People have voted since you opened" in html
        assert "Wine" in html
    poll.refresh_from_db()
    assert "Wine" not in poll.question and poll.choices.first().text == "Tea"
    assert change(desk, poll, note="Herbal tea too.").status_code == 302
    poll.refresh_from_db()
    assert poll.note == "Herbal tea too."


def test_a_draft_whose_closing_date_is_past_is_not_opened_and_the_desk_says_why(desk):
    poll = make_poll(draft=True, closes_at=timezone.now() - timedelta(days=1))
    data = {"action": "open_now", "_selected_action": [poll.pk]}
    page = desk.post(reverse("admin:polls_poll_changelist"), data, secure=True, follow=True)
    assert "its closing date has passed" in page.content.decode()
    poll.refresh_from_db()
    assert poll.state == "draft"


def test_closing_by_action_needs_the_permission_to_change(client):
    poll, viewer = make_poll(), make_member(staff=True)
    viewer.user_permissions.add(apps.get_model("auth.Permission").objects.get(codename="view_poll"))
    client.force_login(viewer)
    assert act(client, poll, "close_now") == "open"


def test_the_address_of_a_poll_stays_once_a_text_holds_it_or_it_is_open(desk):
    placed, opened = make_poll(draft=True, slug="tea"), make_poll(slug="seat")
    make_article(title="On tea", body="[[poll:tea]]")
    for poll, says in ((placed, "“On tea” holds"), (opened, "links lead to its address")):
        html = change(desk, poll, slug="other", opens_at_0="", opens_at_1="").content.decode()
        assert says in html and not Poll.objects.filter(slug="other").exists()


def test_a_poll_that_stands_in_a_text_is_not_deleted(desk):
    poll = make_poll(draft=True, slug="tea")
    article = make_article(title="On tea", body="[[poll:tea]]")
    after = Placement.objects.create(poll=poll, article=make_article(title="After it"))
    address = reverse("admin:polls_poll_delete", args=[poll.pk])
    for html in (desk.get(address, secure=True).text, desk.post(address, secure=True).text):
        assert "Take it out of them first" in html and "protected" not in html
        assert ">On tea</a>" in html and ">After it</a>" in html and Poll.objects.exists()
    chosen = {"action": "delete_selected", "_selected_action": [poll.pk], "post": "yes"}
    desk.post(reverse("admin:polls_poll_changelist"), chosen, secure=True)
    assert Poll.objects.exists()
    article.body = "Nothing."
    article.save()
    after.delete()
    desk.post(address, {"post": "yes"}, secure=True)
    assert not Poll.objects.exists()


def test_featuring_beside_another_names_it_where_the_dates_are(desk):
    other = make_poll(question="Window or corner?", featured=True)
    page = add(desk, "Tea", "Coffee", featured_from_0="2027-01-01", featured_from_1="09:00")
    html = page.content.decode()
    assert "“Window or corner?” is the community poll then." in html
    assert reverse("admin:polls_poll_change", args=[other.pk]) in html
    assert "Another poll is featured then" not in html


def inputs(html):
    """What a browser would send of the form as it stands."""
    found = re.findall(r'<input type="(?:text|number|hidden|url)" name="([^"]+)"([^>]*)>', html)
    values = [(name, re.search(r'value="([^"]*)"', rest)) for name, rest in found]
    return {name: value[1] if value else "" for name, value in values}


def test_a_poll_is_copied_as_a_new_draft_with_its_words_and_without_its_votes(desk):
    poll = make_poll("Tea", "Coffee", "Water", slug="drink", question="What do you drink?",
                     kind="several", max_choices=2, context="On treatment day.")  # fmt: skip
    poll.choices.filter(position=3).update(follow_text="Read", follow_url="/articles/")
    fill_ballots(poll, 12)
    change_page = reverse("admin:polls_poll_change", args=[poll.pk])
    address = f"{reverse('admin:polls_poll_add')}?copy={poll.pk}"
    assert address in desk.get(change_page, secure=True).content.decode()
    html = desk.get(address, secure=True).content.decode()
    assert Poll.objects.count() == 1
    sent = inputs(html) | {"kind": "several", "note": ""}
    assert desk.post(address, sent, secure=True).status_code == 302
    copy = Poll.objects.exclude(pk=poll.pk).get()
    assert (copy.slug, copy.question, copy.context) == ("drink-2", poll.question, poll.context)
    assert (copy.kind, copy.max_choices, copy.state) == ("several", 2, "draft")
    words = ("position", "text", "follow_text", "follow_url")
    assert list(copy.choices.values_list(*words)) == list(poll.choices.values_list(*words))
    assert not copy.has_votes and poll.ballots.count() == 12
    for odd in ("0", "x", "-1", "9" * 30, "\u0661", ""):
        add_page = reverse("admin:polls_poll_add")
        assert desk.get(add_page, {"copy": odd}, secure=True).status_code == 200


def test_the_picker_finds_old_polls_by_their_words(desk):
    make_poll(slug="tea-or-coffee", question="Tea or coffee?", draft=True)
    for n in range(25):
        make_poll(slug=f"newer-{n}")
    address = reverse("admin:polls_poll_picker")

    def find(words):
        return desk.get(address, {"q": words}, secure=True).json()

    newest = find("")
    assert len(newest["polls"]) == 20 and newest["more"]
    assert newest["polls"][0]["slug"] == "newer-24"
    for words in ("COFFEE", "or-coffee", " tea "):
        assert [poll["slug"] for poll in find(words)["polls"]] == ["tea-or-coffee"]
    for odd in ("\x00", "%", "_", "\u202e", "x" * 5000, "no such"):
        assert desk.get(address, {"q": odd}, secure=True).status_code == 200
    assert find("no such") == {"polls": [], "more": False}


def test_the_answers_stand_right_after_the_question(desk):
    html = desk.get(reverse("admin:polls_poll_add"), secure=True).content.decode()
    places = [html.index(f'name="{name}') for name in ("question", "choices-0-text", "opens_at_0")]
    assert places == sorted(places) and html.count('name="choices-TOTAL_FORMS"') == 1

"""Two moderators, one member; two presses, one deed; reports that change while somebody reads."""

import pytest
from django.test import Client
from django.utils import timezone

from community.comments import reports
from community.comments.models import Report
from community.moderation import deciding, rota
from community.moderation.case import of_comment
from community.moderation.models import HandOver, ModerationAct, Request, StaffNote
from tests.community.comments.factories import make_comment
from tests.community.moderation.factories import decide, make_moderator, make_report
from tests.factories import make_member, make_policy_version

pytestmark = pytest.mark.django_db


def signed_in(moderator):
    client = Client()
    client.force_login(moderator)
    return client


def tomorrow():
    return timezone.now() + timezone.timedelta(days=1)


@pytest.mark.parametrize("second", ["warned", "banned", "paused"])
def test_two_who_decide_about_one_member_from_two_comments_decide_once(second):
    wren = make_member()
    one, other = make_comment(by=wren), make_comment(by=wren)
    seen = of_comment(other.pk, make_moderator(), leads=True).seen
    first = decide("paused", one, until=tomorrow())
    with pytest.raises(deciding.AlreadyDecided) as refused:
        decide(second, other, by=make_moderator(lead=True), seen=seen, until=tomorrow())
    assert refused.value.act == first
    assert ModerationAct.objects.count() == 1


def test_the_page_of_a_comment_tells_who_decided_about_its_writer_meanwhile():
    make_policy_version("rules", body="1. ### Be kind\n\n   Always.\n")
    wren = make_member()
    one, other = make_comment(by=wren), make_comment(by=wren)
    desk = signed_in(make_moderator())
    seen = of_comment(other.pk, make_moderator(), leads=False).seen
    decide("warned", one, by=make_moderator(display_name="Ama"))
    sent = {"do": "warned", "seen": seen, "why": "I thought about this.", "rule": "1"}
    page = desk.post(f"/moderation/comments/{other.pk}/decide/", sent)
    assert page.status_code == 409
    assert "Ama decided this" in page.text
    assert "I thought about this." in page.text
    assert ModerationAct.objects.count() == 1


def test_what_was_decided_about_the_writer_does_not_hold_up_her_other_comments():
    wren = make_member()
    one, other = make_comment(by=wren), make_comment(by=wren, state="held")
    seen = of_comment(other.pk, make_moderator(), leads=False).seen
    decide("warned", one)
    assert decide("accepted", other, seen=seen)


def test_a_report_that_turns_into_a_worry_while_a_moderator_reads_waits_on():
    comment, friend = make_comment(), make_member()
    make_report(comment, reason="spam", by=friend)
    shown = of_comment(comment.pk, make_moderator(), leads=False)
    reports.report(comment=comment, reason="worried", reporter=friend, where="there")
    decide(
        "kept", comment, seen=shown.seen, newest_report=shown.newest_report,
        worries=frozenset(shown.worries), line="worried",
    )  # fmt: skip
    assert Report.objects.waiting().worried().count() == 1


def test_a_worry_that_was_shown_is_settled_by_the_decision():
    comment = make_comment()
    make_report(comment, reason="worried")
    desk = signed_in(make_moderator())
    address = f"/moderation/comments/{comment.pk}/decide/"
    form = desk.get(f"{address}?do=kept").context["form"]
    sent = {name: form[name].value() for name in ("seen", "newest_report", "worries")}
    assert desk.post(address, sent | {"do": "kept"}).status_code == 302
    assert not Report.objects.waiting().exists()
    assert ModerationAct.objects.get().needs_check


@pytest.mark.parametrize("odd", ["x", "1,", "-1,²", "9" * 400, "\0"])
def test_odd_keys_of_worries_settle_none(odd):
    comment = make_comment()
    make_report(comment, reason="worried")
    desk = signed_in(make_moderator())
    seen = of_comment(comment.pk, make_moderator(), leads=False).seen
    sent = {"do": "kept", "seen": seen, "newest_report": "99999", "worries": odd}
    assert desk.post(f"/moderation/comments/{comment.pk}/decide/", sent).status_code in {200, 302}
    assert Report.objects.waiting().worried().exists()


def test_a_second_press_passes_an_item_on_once():
    comment, desk = make_comment(state="held"), signed_in(make_moderator())
    for _ in range(2):
        sent = {"what": "asked", "words": "Is this a promise of a cure?"}
        desk.post(f"/moderation/comments/{comment.pk}/pass-on/", sent)
    assert Request.objects.count() == ModerationAct.objects.count() == 1
    desk.post(f"/moderation/comments/{comment.pk}/pass-on/", sent | {"words": "And this?"})
    assert Request.objects.count() == 2


def test_a_second_press_keeps_one_note_and_one_hand_over():
    member, desk = make_member(), signed_in(make_moderator())
    for _ in range(2):
        desk.post(f"/moderation/members/{member.pk}/notes/", {"words": "Gentle with her."})
        desk.post("/moderation/rota/", {"words": "Quiet night."})
    assert StaffNote.objects.count() == HandOver.objects.count() == 1
    assert rota.hand_over(make_moderator(), "Quiet night.")


def test_spam_in_bulk_leaves_reports_that_came_after_the_page_was_read():
    make_policy_version("rules", body="1. ### Be kind\n\n2. ### No selling\n\n   Never.\n")
    comment = make_comment("Buy.", by=make_member())
    make_report(comment, reason="spam")
    desk = signed_in(make_moderator())
    page = desk.post("/moderation/spam/", {"comment": comment.pk, "line": "reports"})
    assert "Rule 2: No selling." in page.text
    assert "A reader reported it." in page.text
    [(_, seen)] = page.context["comments"]
    make_report(comment, reason="private")
    sent = {"comment": comment.pk, "line": "reports", "sure": "1", f"seen-{comment.pk}": seen}
    desk.post("/moderation/spam/", sent | {"newest_report": page.context["newest_report"]})
    act = ModerationAct.objects.get()
    assert (act.what, act.rule, act.source) == ("hidden", 2, "report")
    assert [report.reason for report in Report.objects.waiting()] == ["private"]


def test_held_spam_says_that_a_list_picked_it_out():
    comment = make_comment("Buy.", by=make_member(), state="held")
    desk = signed_in(make_moderator())
    page = desk.post("/moderation/spam/", {"comment": comment.pk, "line": "held"})
    [(_, seen)] = page.context["comments"]
    sent = {"comment": comment.pk, "line": "held", "sure": "1", f"seen-{comment.pk}": seen}
    desk.post("/moderation/spam/", sent)
    assert "picked it out" in ModerationAct.objects.get().told


def test_the_bulk_page_asks_the_same_for_one_and_for_many(django_assert_max_num_queries):
    comments = [make_comment(by=make_member(), state="held") for _ in range(20)]
    desk = signed_in(make_moderator())
    with django_assert_max_num_queries(12):
        desk.post("/moderation/spam/", {"comment": [comment.pk for comment in comments]})


def test_the_keys_walk_from_item_to_item_and_not_from_report_to_report():
    comments = [make_comment(f"Number {n}.") for n in range(4)]
    a, b, c, d = comments
    moderator = make_moderator()
    mine = make_comment(by=moderator)
    for comment in [a, b, a, c, mine, b, d]:
        make_report(comment, reason="unkind")
    desk = signed_in(moderator)
    way = []
    for comment in comments:
        found = desk.get(f"/moderation/comments/{comment.pk}/").context["neighbors"]
        way.append((found.get("previous"), found.get("next")))
    at = [f"/moderation/comments/{comment.pk}/" for comment in comments]
    assert way == [(None, at[1]), (at[0], at[2]), (at[1], at[3]), (at[2], None)]

"""Later decisions and a lead's ban stand; a worry is settled by who saw it, never by the way."""

import pytest
from django.utils import timezone

from community.comments.models import Report
from community.members.mailing import MailNotSent
from community.members.models import Member
from community.moderation import appeals, case, deciding, mailing, rota
from community.moderation.models import Appeal, Message, Shift, What
from tests.community.comments.factories import make_comment
from tests.community.moderation.factories import decide, make_moderator, make_report
from tests.factories import make_member

pytestmark = pytest.mark.django_db
DAY = timezone.timedelta(days=1)


def undo(act):
    asked = Appeal.objects.create(act=act, member=act.member, words="Look again.")
    return appeals.answer(asked, What.RESTORED, make_moderator(), why="Right.")


def test_an_appeal_does_not_show_what_a_later_decision_took_down():
    comment = make_comment("First words.")
    first = decide("hidden", comment)
    for deed in ("accepted", "hidden"):
        comment.refresh_from_db()
        decide(deed, comment)
    undo(first)
    comment.refresh_from_db()
    assert comment.state == "removed"


def test_an_appeal_against_a_pause_leaves_a_later_ban():
    member = make_member()
    pause = decide("paused", member=member, until=timezone.now() + DAY)
    decide("banned", member=member, by=make_moderator(lead=True))
    undo(pause)
    assert Member.objects.get(pk=member.pk).suspended_until.year == 9999


@pytest.mark.parametrize("deed", ["lifted", "paused"])
def test_only_who_leads_ends_or_shortens_a_ban(client, deed):
    member = make_member()
    decide("banned", member=member, by=make_moderator(lead=True))
    mo = make_moderator()
    member.refresh_from_db()
    assert deed not in [d.key for d in case.of_member(member, mo, leads=False).deeds]
    with pytest.raises(deciding.AlreadyDecided):
        decide(deed, member=member, by=mo, until=timezone.now() + DAY)
    client.force_login(mo)
    address = f"/moderation/members/{member.pk}/decide/?do={deed}"
    assert client.get(address, secure=True).status_code == 404
    decide("lifted", member=member, by=make_moderator(lead=True))
    assert Member.objects.get(pk=member.pk).suspended_until is None


def test_a_worry_behind_twenty_other_reports_is_seen():
    comment = make_comment()
    for n in range(21):
        make_report(comment, words=f"Report {n}")
    make_report(comment, reason="worried")
    found = case.of_comment(comment.pk, make_moderator(), leads=False)
    assert found.is_worried and found.line == "worried"


def test_plain_spam_in_bulk_leaves_what_somebody_worries_about(client):
    worried, spam = make_comment("So tired."), make_comment("Buy.")
    make_report(worried, reason="worried")
    client.force_login(make_moderator())
    data = {"comment": [worried.pk, spam.pk], "line": "reports"}
    page = client.post("/moderation/spam/", data, secure=True)
    assert [comment for comment, _ in page.context["comments"]] == [spam]
    decide("hidden", worried, line="reports", worries=frozenset())
    assert Report.objects.waiting().worried().count() == 1


def test_a_moderator_reads_no_reports_or_notes_about_herself(client):
    mo = make_moderator()
    mine = make_comment("Mine.", by=mo)
    make_report(mine, words="She is rude.")
    make_report(member=mo, words="She is very rude.")
    client.force_login(mo)
    for address in (f"/moderation/members/{mo.pk}/", f"/moderation/comments/{mine.pk}/"):
        assert "rude" not in client.get(address, secure=True).content.decode()


def test_the_second_look_is_not_by_whom_it_is_about():
    mo = make_moderator()
    comment = make_comment(by=mo)
    make_report(comment, reason="worried")
    act = decide("kept", comment)
    with pytest.raises(deciding.NotOwn):
        deciding.check(act, mo)


def test_a_shift_of_somebody_who_is_no_moderator_counts_for_nothing():
    mo, left = make_moderator(), make_member()
    now = timezone.now()
    Shift.objects.create(moderator=left, starts_at=now - DAY, ends_at=now + DAY)
    assert rota.on_duty() == [mo]


def test_one_address_that_fails_keeps_no_message_from_the_others(monkeypatch):
    for _ in range(3):
        decide("hidden", make_comment())
    tried = list(Message.objects.order_by("pk").values_list("pk", flat=True))
    Message.objects.update(mailed_at=None)
    sent = []

    def mail_message(pk):
        if pk == tried[0]:
            raise MailNotSent("no")
        sent.append(pk)
        return True

    monkeypatch.setattr(mailing, "mail_message", mail_message)
    later = timezone.now() + timezone.timedelta(minutes=5)
    monkeypatch.setattr(mailing.timezone, "now", lambda: later)
    assert mailing.mail_late() == 2 and sent == tried[1:]

"""What writers are told, what moderators are mailed, and what is left of those who leave."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytest
from django.conf import settings as site
from django.core import mail
from django.utils import timezone

from community.comments.models import Report
from community.members import closing, memorial
from community.members.mailing import MailNotSent
from community.members.models import Member
from community.moderation import alerts, digest, hours, jobs, mailing, numbers, rota
from community.moderation.models import (
    Alert,
    Appeal,
    Message,
    ModerationAct,
    Shift,
    StaffNote,
    StockReply,
)
from tests.community.comments.factories import make_comment
from tests.community.moderation.factories import decide, make_moderator, make_report
from tests.factories import make_member

pytestmark = pytest.mark.django_db


def leave(member):
    """All words removed, as if the seven days were over."""
    closing.ask_to_close(member, "remove")
    Member.objects.filter(pk=member.pk).update(closes_at=timezone.now())
    assert closing.close(member)


def test_a_message_whose_task_was_lost_is_mailed_a_minute_later():
    act = decide("hidden", make_comment())
    mail.outbox.clear()
    assert mailing.mail_late() == 0
    with patch.object(timezone, "now", return_value=timezone.now() + timedelta(minutes=2)):
        assert mailing.mail_late() == 1 and mailing.mail_late() == 0
    assert mail.outbox[0].to == [act.member.email]


def test_a_member_who_died_gets_no_mail_but_the_message_is_kept():
    member = make_member()
    act = decide("hidden", make_comment(by=member))
    memorial.remember(member, make_member())
    mail.outbox.clear()
    assert not mailing.mail_message(act.pk) and not mail.outbox
    assert Message.objects.filter(member=member).count() == 1


def test_the_mail_about_a_worry_names_nobody_and_goes_to_who_is_on_duty():
    on_duty, other = make_moderator(), make_moderator()
    now = timezone.now()
    Shift.objects.create(moderator=on_duty, starts_at=now, ends_at=now + timedelta(hours=1))
    comment = make_comment("Tired.", by=make_member(display_name="Rosa"))
    report = make_report(comment, reason="worried", words="SECRET")
    mail.outbox.clear()
    assert alerts.alert(report.pk) and not alerts.alert(report.pk)
    [sent] = mail.outbox
    assert sent.to == [on_duty.email] and other.email not in sent.to
    assert f"/moderation/comments/{comment.pk}/" in sent.body
    for secret in ("Rosa", "Tired", "SECRET", "worried"):
        assert secret not in sent.subject
    assert "Rosa" not in sent.body and "SECRET" not in sent.body


def test_everyone_hears_of_a_worry_when_nobody_is_on_the_rota():
    moderators = {make_moderator().email, make_moderator(lead=True).email}
    make_moderator(is_active=False)
    report = make_report(member=make_member(), reason="worried")
    mail.outbox.clear()
    alerts.alert(report.pk)
    assert {sent.to[0] for sent in mail.outbox} == moderators


def test_an_alert_that_could_not_be_sent_is_tried_again():
    make_moderator()
    report = make_report(make_comment(), reason="worried")
    Alert.objects.all().delete()
    with (
        patch.object(alerts, "mail_member", side_effect=MailNotSent("OSError")),
        pytest.raises(MailNotSent),
    ):
        alerts.alert(report.pk)
    assert not Alert.objects.exists()
    Report.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    mail.outbox.clear()
    jobs.send_what_was_lost()
    assert len([sent for sent in mail.outbox if "Somebody needs you" in sent.subject]) == 1


def test_one_moderator_whose_address_fails_keeps_no_other_from_hearing_of_a_worry():
    members = [make_moderator(), make_moderator(), make_moderator()]
    report = make_report(make_comment(), reason="worried")
    mail.outbox.clear()
    for failing in members:
        Alert.objects.all().delete()
        mailed = []

        def send(template, pk, context, failing=failing, mailed=mailed):
            if pk == failing.pk:
                raise MailNotSent("OSError")
            mailed.append(pk)
            return True

        with patch.object(alerts, "mail_member", send):
            assert alerts.alert(report.pk)
        assert set(mailed) == {one.pk for one in members if one != failing}
        assert Alert.objects.get().to == 2


def test_a_worry_nobody_on_duty_can_be_mailed_about_goes_to_all_moderators():
    on_duty, other = make_moderator(), make_moderator()
    now = timezone.now()
    Shift.objects.create(moderator=on_duty, starts_at=now, ends_at=now + timedelta(hours=1))
    Member.objects.filter(pk=on_duty.pk).update(mail_paused_at=now)
    report = make_report(make_comment(), reason="worried")
    mail.outbox.clear()
    alerts.alert(report.pk)
    assert [sent.to for sent in mail.outbox] == [[other.email]]
    assert Alert.objects.get().to == 1


def test_a_worry_that_reaches_no_moderator_is_told_to_the_operators_and_tried_again(settings):
    settings.ADMINS = ["operator@harbor.example"]
    report = make_report(make_comment(by=make_member(display_name="Rosa")), reason="worried")
    mail.outbox.clear()
    with pytest.raises(MailNotSent):
        alerts.alert(report.pk)
    [sent] = mail.outbox
    assert sent.to == ["operator@harbor.example"] and "Rosa" not in sent.body
    assert not Alert.objects.exists()
    moderator = make_moderator()
    assert alerts.alert(report.pk)
    assert mail.outbox[-1].to == [moderator.email]


def test_the_digest_goes_out_once_a_day_and_says_how_much_waits():
    moderator = make_moderator()
    make_comment(state="held")
    mail.outbox.clear()
    with patch.object(hours.settings, "MODERATOR_HOURS", (0, 24)):
        assert digest.send_due() == 1 and digest.send_due() == 0
    [sent] = mail.outbox
    assert sent.to == [moderator.email] and "Held: 1" in sent.body
    with patch.object(digest.settings, "MODERATOR_HOURS", (24, 24)):
        assert digest.send_due() == 0


def test_the_hours_stand_at_the_box_and_come_from_the_setting(client, settings):
    comment = make_comment()
    page = client.get(comment.article.get_absolute_url(), secure=True).content.decode()
    assert "Moderators are here 9 am to 6 pm Eastern." in page
    settings.MODERATOR_HOURS = (12, 20)
    assert "noon to 8 pm Eastern" in hours.line()


def test_the_rota_says_who_is_next_and_keeps_the_hand_over(client):
    moderator = make_moderator(display_name="Sam")
    now = timezone.now()
    Shift.objects.create(
        moderator=moderator, starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2)
    )
    client.force_login(moderator)
    assert "Next: Sam." in client.get("/moderation/", secure=True).content.decode()
    client.post("/moderation/rota/", {"words": "Quiet night."}, secure=True)
    assert "Quiet night." in client.get("/moderation/rota/", secure=True).content.decode()
    assert [m.pk for m in rota.on_duty()] == [moderator.pk]


def test_crisis_lines_by_country_are_offered_first_for_somebody_others_worry_about(client):
    comment = make_comment()
    make_report(comment, reason="worried")
    client.force_login(make_moderator())
    page = client.get(f"/moderation/comments/{comment.pk}/decide/?do=kept", secure=True)
    offered = page.context["replies"]
    assert offered[0].is_crisis and "Samaritans" in " ".join(reply.words for reply in offered)
    assert StockReply.objects.filter(is_crisis=True).count() == 6


def test_a_call_for_help_is_written_down_in_the_record():
    from community.moderation.deciding import pass_on

    comment = make_comment()
    moderator = make_moderator()
    act = pass_on("escalated", comment, moderator, "Called the county line at 3 pm.")
    assert act.told == "" and act.member == comment.author
    assert not Message.objects.exists()


def test_a_member_who_leaves_takes_words_and_name_out_of_the_record():
    member = make_member(display_name="Leaving Lena", email="lena@harbor.example")
    comment = make_comment("Lena was here.", by=member)
    act = decide("hidden", comment, why="Lena again.")
    Appeal.objects.create(act=act, member=member, words="I am Lena.")
    StaffNote.objects.create(member=member, by=make_moderator(), words="Lena writes at night.")
    leave(member)
    act.refresh_from_db()
    assert (act.member, act.why, act.before, act.told) == (None, "", "", "")
    assert act.what == "hidden" and act.rule == 3 and act.by is not None
    assert not Message.objects.exists() and not Appeal.objects.exists()
    assert not StaffNote.objects.exists()


def test_a_moderator_who_leaves_is_no_longer_named_in_the_record():
    moderator = make_moderator()
    act = decide("hidden", make_comment(), by=moderator)
    leave(moderator)
    act.refresh_from_db()
    assert act.by is None and act.told


def test_the_year_in_numbers_counts_from_the_record_and_tells_no_small_number(client):
    for _ in range(6):
        comment = make_comment(state="held")
        comment.holds.update(made_at=timezone.now() - timedelta(hours=3))
        decide("hidden", comment)
    decide("edited", make_comment(), text="Less.")
    year = timezone.localdate().year
    found = numbers.of_year(year, site.TIME_ZONE, today=date(year + 1, 2, 1))
    assert dict(found.rows)["Taken down"] == "about 5"
    assert dict(found.rows)["A detail taken out"] == "fewer than 5"
    assert dict(found.rows)["Appeals answered"] == "none"
    assert found.median == "about 3 hours" and len(found.by_rule) == 1
    page = client.get("/moderation-in-numbers/", secure=True)
    assert page.status_code == 200 and not page.cookies
    act = ModerationAct.objects.first()
    assert act.member.display_name not in page.content.decode()


def test_no_small_number_is_left_when_one_is_taken_from_another():
    for total in range(5, 60):
        for rule_1 in range(5, total):
            if 0 < total - rule_1 < 5:
                told = {numbers.said(total), numbers.said(rule_1)}
                others = {
                    more - less
                    for more in range(5, 65) for less in range(5, more + 1)
                    if {numbers.said(more), numbers.said(less)} == told
                }  # fmt: skip
                assert len(others) > 1, (total, rule_1)


def test_a_month_is_counted_when_it_is_over(client):
    for _ in range(7):
        decide("hidden", make_comment())
    today = timezone.localdate()
    now = numbers.of_year(today.year, site.TIME_ZONE)
    assert dict(now.rows)["Taken down"] == "none" and now.by_rule == []
    assert now.until == today.replace(day=1)
    page = client.get("/moderation-in-numbers/", secure=True).content.decode()
    assert "about 5" not in page


def test_a_comment_counts_once_however_much_is_decided_from_it():
    for _ in range(5):
        comment = make_comment(state="held")
        decide("warned", comment, line="held")
        decide("hidden", comment, line="held")
    year = timezone.localdate().year
    found = numbers.of_year(year, site.TIME_ZONE, today=date(year + 1, 2, 1))
    assert dict(found.rows)["Comments that waited and were decided"] == "about 5"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (20, "about 1 minute"), (3600, "about 60 minutes"), (4 * 3600, "about 4 hours"),
     (5 * 86400, "about 5 days")],
)  # fmt: skip
def test_a_time_is_told_in_words(seconds, words):
    assert numbers.duration(seconds) == words


def test_the_record_is_found_by_words_name_kind_and_rule(client):
    member = make_member(display_name="Gus")
    decide("hidden", make_comment("Buy this tea.", by=member), rule=2)
    decide("warned", member=make_member(display_name="Bo"), rule=1)
    client.force_login(make_moderator())
    for query, names in {
        "q=tea": {"Gus"}, "name=gus": {"Gus"}, "what=warned": {"Bo"}, "rule=2": {"Gus"},
        "": {"Gus", "Bo"}, "q=coffee": set(),
    }.items():  # fmt: skip
        acts = client.get(f"/moderation/record/?{query}", secure=True).context["acts"]
        assert {act.member.display_name for act in acts} == names, query


def test_messages_are_for_whom_they_were_written(client):
    act = decide("hidden", make_comment())
    client.force_login(make_member())
    for name in ("", "send-again/", "appeal/", "read/"):
        address = f"/account/moderation/{act.pk}/{name}"
        answer = client.post(address, secure=True) if name else client.get(address, secure=True)
        assert answer.status_code == 404
    client.force_login(act.member)
    page = client.get(f"/account/moderation/{act.pk}/", secure=True)
    assert page.status_code == 200 and page.context["may_appeal"]


def test_a_second_appeal_and_an_appeal_against_a_message_are_refused(client):
    act = decide("hidden", make_comment())
    client.force_login(act.member)
    address = f"/account/moderation/{act.pk}/appeal/"
    for words in ("Look again.", "And again."):
        client.post(address, {"words": words}, secure=True)
    assert Appeal.objects.get().words == "Look again."
    told = decide("wrote", member=act.member, own_words="Hello.")
    client.post(f"/account/moderation/{told.pk}/appeal/", {"words": "x"}, secure=True)
    assert Appeal.objects.count() == 1


def test_a_text_cannot_be_sent_again_unchanged_too_long_or_after_it_is_back(client):
    comment = make_comment("Buy tea.")
    act = decide("hidden", comment)
    client.force_login(act.member)
    address = f"/account/moderation/{act.pk}/send-again/"
    for text in ("Buy tea.", "", "x" * 3_001):
        page = client.post(address, {"text": text}, secure=True)
        assert page.status_code == 200 and b"There is a problem" in page.content
        assert text in page.content.decode()
    client.post(address, {"text": "Drink tea."}, secure=True)
    comment.refresh_from_db()
    assert comment.state == "held" and Message.objects.get().sent_again_at
    decide("accepted", comment)
    client.post(address, {"text": "Buy tea again."}, secure=True)
    comment.refresh_from_db()
    assert comment.source == "Drink tea." and comment.state == "visible"


def test_a_moment_of_the_year_is_counted_in_the_sites_own_zone():
    assert numbers.of_year(datetime.now(tz=timezone.get_current_timezone()).year, site.TIME_ZONE)

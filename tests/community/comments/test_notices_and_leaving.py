"""Mail about replies meets refusals and ignored people; leaving lets go of all that tells."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from articles.publishing import schedule
from articles.revisions import save_revision, working_revision
from community.comments import listing, moderation, notices, writing
from community.comments.models import Conversation, Follow, Notice, NoticeSettings
from community.members import closing, ignoring, memorial, tasks
from community.members.mailing import MailNotSent
from community.members.models import DeathReport, Member
from community.newsletter.models import Subscriber
from tests.community.comments.factories import make_comment, pause
from tests.factories import make_article, make_member, make_subscriber

pytestmark = pytest.mark.django_db


def wanting(**fields):
    member = make_member(trusted=True, **fields)
    NoticeSettings.objects.create(member=member, mail="at-once", quiet_from=0, quiet_to=0)
    return member


@pytest.mark.parametrize(
    ("refusal", "tries"),
    [(smtplib.SMTPRecipientsRefused({"bad@x.example": (550, b"no")}), 1), (OSError("down"), 3)],
)
def test_one_refused_address_keeps_nobody_else_from_mail(monkeypatch, refusal, tries):
    members = wanting(email="bad@x.example"), wanting(email="good@x.example")
    comment = make_comment(by=make_member(trusted=True))
    for member in members:
        Notice.objects.create(member=member, comment=comment, kind="reply")
    sent, refused = [], []

    def send(self):
        if "bad@x.example" in self.to:
            refused.append(1)
            raise refusal
        sent.append(self.to)

    monkeypatch.setattr(EmailMultiAlternatives, "send", send)
    for _ in range(3):
        try:
            notices.send_due()
        except MailNotSent as error:
            assert "bad@" not in str(error) and error.__cause__ is None
    assert sent == [["good@x.example"]] and len(refused) == tries


def test_a_notice_mail_can_be_left_from_the_mail_program(client):
    member = wanting()
    comment = make_comment(by=member)
    make_comment("Hello.", to=comment, by=make_member(trusted=True))
    mail.outbox.clear()
    reply = comment.replies.get()
    notices.tell_about(reply.pk)
    headers = mail.outbox[-1].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    place = headers["List-Unsubscribe"].strip("<>").split("://")[1].partition("/")[2]
    client.post(f"/{place}", {"List-Unsubscribe": "One-Click"}, secure=True)
    assert Follow.objects.get(member=member).muted_at


def test_nothing_is_told_of_somebody_one_chose_not_to_see():
    member, loud = wanting(), make_member(trusted=True)
    ignoring.ignore(member, loud)
    reply = make_comment(to=make_comment(by=member), by=loud)
    assert notices.tell_about(reply.pk) == 0 and not Notice.objects.exists()


def test_a_notice_of_words_taken_down_since_is_neither_shown_nor_mailed():
    member = wanting()
    reply = make_comment(to=make_comment(by=member), by=make_member(trusted=True))
    Notice.objects.get_or_create(member=member, comment=reply, kind="reply")
    Notice.objects.update(mailed_at=None)
    moderation.set_state(reply, "hidden")
    mail.outbox.clear()
    assert not notices.notices_of(member).exists()
    assert notices.send_due() == 0 and not mail.outbox


def test_notices_call_an_article_what_it_is_called_at_this_minute(client):
    """No worker has come by since its scheduled words were due. Mails do not name it."""
    member, article = wanting(), make_article(title="Old name")
    comment = make_comment(on=article, by=make_member(trusted=True))
    Notice.objects.create(member=member, comment=comment, kind="article")
    save_revision(article, working_revision(article).content | {"title": "New name"})
    schedule(article, timezone.now() + timedelta(hours=1))
    Article.objects.update(next_at=timezone.now())
    client.force_login(member)
    said = client.get(reverse("comments:notices"), secure=True).text
    assert "New name" in said and "Old name" not in said


def test_no_notice_waits_under_an_article_that_is_withdrawn_by_the_clock():
    member, article = wanting(), make_article()
    comment = make_comment(on=article, by=make_member(trusted=True))
    Notice.objects.create(member=member, comment=comment, kind="article")
    Article.objects.update(withdraw_at=timezone.now(), withdrawal_reason="Wrong.")
    mail.outbox.clear()
    assert notices.send_to_all([member.pk]) == 0 and not mail.outbox
    assert not notices.notices_of(member).exists()


def test_no_notice_is_mailed_in_quiet_hours(monkeypatch):
    member = wanting()
    Notice.objects.create(member=member, comment=make_comment(), kind="reply")
    monkeypatch.setattr(notices, "is_quiet", lambda choice, now: True)
    assert notices.send_due() == 0
    monkeypatch.setattr(notices, "is_quiet", lambda choice, now: False)
    assert notices.send_due() == 1


@pytest.mark.parametrize(("mail_when", "wait"), [("daily", 24), ("weekly", 7 * 24)])
def test_daily_and_weekly_mail_waits_its_time(mail_when, wait):
    member = wanting()
    choice = NoticeSettings.objects.filter(member=member)
    Notice.objects.create(member=member, comment=make_comment(), kind="reply")
    choice.update(mail=mail_when, mailed_at=timezone.now() - timedelta(hours=wait - 2))
    assert notices.send_due() == 0
    choice.update(mailed_at=timezone.now() - timedelta(hours=wait))
    assert notices.send_due() == 1 and notices.send_due() == 0


def test_following_an_article_or_a_thread_tells_once_and_stops(client):
    member, writer = make_member(), make_member(trusted=True)
    root = make_comment(by=writer)
    client.force_login(member)
    press = reverse("comments:follow-thread", args=[root.pk])
    client.post(press, secure=True)
    client.post(reverse("comments:follow-article", args=[root.article.slug]), secure=True)
    first = make_comment(to=root, by=writer)
    notices.tell_about(first.pk)
    assert [n.kind for n in Notice.objects.filter(member=member, comment=first)] == ["thread"]
    client.post(press, secure=True)
    client.post(reverse("comments:follow-article", args=[root.article.slug]), secure=True)
    assert notices.tell_about(make_comment("More.", to=root, by=writer).pk) == 0


def test_a_conversation_stays_in_the_list_when_its_newest_writer_leaves():
    for _ in range(25):
        last = make_comment(by=make_member(trusted=True), on=make_article())
    leaver = make_member(trusted=True)
    make_comment("The newest of all.", by=leaver, on=last.article)
    before = listing.page_of_conversations()
    leave(leaver)
    after = listing.page_of_conversations()
    assert before.older and after.older
    assert last.pk in [comment.pk for comment in after.latest]


def test_one_row_that_is_out_of_date_ends_no_list():
    for _ in range(23):
        last = make_comment(by=make_member(trusted=True), on=make_article())
    Conversation.objects.filter(article=last.article).update(latest_id=10**12)
    page = listing.page_of_conversations()
    assert len(page.latest) == 19 and page.older


def leave(member):
    closing.ask_to_close(member, "remove")
    Member.objects.filter(pk=member.pk).update(closes_at=timezone.now() - timedelta(minutes=1))
    return closing.close(member)


def columns_holding(text):
    held = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE"
            " table_schema = 'public' AND data_type IN ('text', 'character varying', 'jsonb')"
        )
        for table, column in cursor.fetchall():
            cursor.execute(
                f'SELECT 1 FROM "{table}" WHERE "{column}"::text ILIKE %s LIMIT 1',
                [f"%{text}%"],
            )
            if cursor.fetchone():
                held.append(f"{table}.{column}")
    return held


def test_after_closing_neither_letters_nor_reports_of_a_death_hold_the_address():
    member = make_member(email="leaver@x.example")
    memorial.report_death("Nobody Known", "We were friends", "leaver@x.example")
    make_subscriber(email="Leaver@x.example")
    other = make_subscriber(email="stays@x.example")
    assert leave(member)
    assert columns_holding("leaver@x") == []
    assert DeathReport.objects.count() == 1 and Subscriber.objects.get() == other


def test_an_account_is_not_closed_that_is_not_due_any_more():
    member = make_member()
    closing.ask_to_close(member, "remove")
    assert closing.close(member) is False  # asked anew: seven days again
    Member.objects.filter(pk=member.pk).update(closes_at=timezone.now() - timedelta(minutes=1))
    [stale] = closing.due()
    memorial.remember(member, make_member(staff=True))
    assert closing.close(stale) is False and Member.objects.filter(pk=member.pk).exists()


def test_the_copy_of_everything_holds_how_mail_comes_and_the_letters():
    from community.members import exporting, personal_data

    member = wanting()
    NoticeSettings.objects.update(time_zone="Pacific/Honolulu")
    make_subscriber(email=member.email.upper())
    parts = {name: list(part(member)) for name, part in personal_data.exports().items()}
    assert parts["Mail about replies"][0]["Your time zone"] == "Pacific/Honolulu"
    assert len(parts["Letters by email"]) == 1
    assert exporting.archive_of(member)


def test_a_strangers_word_of_a_death_does_not_silence_what_the_account_does():
    member = make_member(display_name="Rosalind")
    memorial.report_death("Rosalind", "x", "y")
    mail.outbox.clear()
    tasks.tell_of_sign_in.func(member.pk, "Firefox")
    tasks.tell_of_second_factor.func(member.pk)
    tasks.tell_of_closing.func(member.pk)
    tasks.tell_of_password.func(member.pk)
    assert len(mail.outbox) == 4
    memorial.remember(member, make_member(staff=True))
    tasks.tell_of_sign_in.func(member.pk, "Firefox")
    assert len(mail.outbox) == 4


@pytest.mark.parametrize("way", ["paused", "closed"])
def test_who_may_not_write_neither_changes_nor_brings_back_but_may_delete(client, way):
    member = make_member(trusted=True)
    shown, deleted = make_comment("Kind.", by=member), make_comment("Gone.", by=member)
    writing.delete(deleted)
    if way == "paused":
        pause(member, days=3)
    else:
        for article in (shown.article, deleted.article):
            Conversation.objects.update_or_create(
                article=article, defaults={"comments_close_at": timezone.now()}
            )
    client.force_login(member)
    page = client.post(
        reverse("comments:edit", args=[shown.pk]), {"text": "Not so kind."}, secure=True
    )
    client.post(reverse("comments:undo", args=[deleted.pk]), secure=True)
    shown.refresh_from_db()
    deleted.refresh_from_db()
    assert b"Not so kind." in page.content and b"There is a problem" in page.content
    assert (shown.source, deleted.state) == ("Kind.", "deleted")
    client.post(reverse("comments:delete", args=[shown.pk]), secure=True)
    shown.refresh_from_db()
    assert shown.state == "deleted"


def test_words_of_a_guest_are_not_shown_to_the_next_person_after_signing_out(client):
    from tests.community.comments.factories import rules_in_force

    article, rules = make_article(), rules_in_force()
    data = {"text": "My private words", "rules": rules.pk}
    client.post(reverse("comments:conversation", args=[article.slug]), data, secure=True)
    client.force_login(make_member())
    client.post(reverse("members:sign-out"), secure=True)
    client.force_login(make_member())
    page = client.get(reverse("comments:drafts"), secure=True)
    assert b"My private words" not in page.content


def test_a_member_whose_session_ended_while_writing_is_led_to_signing_in(client):
    from tests.community.comments.factories import rules_in_force

    article = make_article()
    rules_in_force()
    data = {"text": "My long words", "made": "7:x:y"}
    answer = client.post(reverse("comments:conversation", args=[article.slug]), data, secure=True)
    page = client.get(answer["Location"], secure=True)
    assert b"My long words" in page.content and b"Sign in" in page.content


def test_a_reply_page_shows_what_is_answered_as_words_and_leads_to_the_reply(client):
    root = make_comment("I am the *friend*.", by=make_member(trusted=True))
    client.force_login(make_member(trusted=True))
    place = reverse("comments:reply", args=[root.pk])
    page = client.get(place, secure=True).content.decode()
    assert "<em>friend</em>" in page and "&lt;p&gt;" not in page
    headers = {"hx-request": "true", "hx-current-url": f"https://testserver{place}"}
    data = {"text": "Me too.", "rules": root.rules_id}
    answer = client.post(place, data, secure=True, headers=headers)
    assert answer["HX-Redirect"] == root.replies.get().get_absolute_url()


def test_the_account_page_leads_to_everything_of_the_conversation(client):
    client.force_login(make_member())
    page = client.get(reverse("members:account"), secure=True).content.decode()
    for name in ("mine", "drafts", "notices", "notice-settings", "my-reports"):
        assert f'href="{reverse(f"comments:{name}")}"' in page

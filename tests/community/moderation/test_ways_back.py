"""What undoing gives back, what sending again may not go around, what leaving takes along."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from community.comments import holding, reports, writing
from community.comments.models import Comment, Conversation, Hold, MemberHold, Report
from community.members import closing, memorial
from community.members.models import Member
from community.moderation import appeals, jobs, rota
from community.moderation.models import HandOver, ModerationAct, Request, What
from tests.community.comments.factories import make_comment
from tests.community.moderation.factories import decide, make_moderator, make_report
from tests.factories import make_member, make_policy_version

pytestmark = pytest.mark.django_db


def undo(act):
    appeals.appeal(act.message, "Look again.")
    return appeals.answer(act.appeal, What.RESTORED, make_moderator(), why="x", own_words="x")


def test_undoing_a_hold_on_everything_gives_trust_back_as_it_was():
    member = make_member(trusted=True)
    since = Member.objects.get(pk=member.pk).trusted_at
    act = decide("held-all", member=member)
    assert Member.objects.get(pk=member.pk).trusted_at is None
    undo(act)
    assert Member.objects.get(pk=member.pk).trusted_at == since
    assert not MemberHold.objects.exists()


def test_undoing_gives_no_trust_to_who_had_none_and_leaves_a_later_hold():
    member = make_member()
    first = decide("held-all", member=member)
    decide("released", member=member)
    decide("held-all", member=member)
    undo(first)
    assert holding.is_on_hold(member)
    assert Member.objects.get(pk=member.pk).trusted_at is None


def test_a_detail_in_a_content_note_is_taken_out_recorded_and_given_back(client):
    make_policy_version("rules", body="1. ### Protect privacy\n\n   Always.\n")
    comment = make_comment("Call me.", content_note="555 0100", by=make_member(trusted=True))
    client.force_login(make_moderator())
    address = f"/moderation/comments/{comment.pk}/decide/"
    page = client.get(f"{address}?do=edited")
    form = page.context["form"]
    sent = {name: form[name].value() for name in ("seen", "text", "content_note", "rule")}
    sent |= {"do": "edited", "why": "A number."}
    assert "Take the detail out first" in client.post(address, sent).text
    sent["content_note"] = ""
    sent["shown"] = client.post(address, sent).context["shown"]
    assert client.post(address, sent).status_code == 302
    act = ModerationAct.objects.get()
    comment.refresh_from_db()
    assert (comment.source, comment.content_note) == ("Call me.", "")
    assert "555 0100" not in comment.html and "The content note before it is gone." in act.told
    assert "555 0100" in client.get(f"/moderation/acts/{act.pk}/").text
    undo(act)
    comment.refresh_from_db()
    assert comment.content_note == "555 0100"


@pytest.mark.parametrize("way", ["article", "conversation", "site"])
def test_a_text_cannot_be_sent_again_where_nobody_can_write_and_is_not_lost(client, way):
    from community.comments.models import ConversationSwitch

    wren, root = make_member(trusted=True), make_comment()
    comment = make_comment("Buy tea.", by=wren, to=root)
    act = decide("hidden", comment)
    if way == "article":
        Conversation.objects.update_or_create(
            article=comment.article, defaults={"comments_close_at": timezone.now()}
        )
    elif way == "conversation":
        decide("locked", root)
    else:
        ConversationSwitch.objects.create(closed_at=timezone.now(), sentence="We rest.")
    client.force_login(wren)
    page = client.post(f"/account/moderation/{act.pk}/send-again/", {"text": "Drink tea."})
    sentence = {"article": "closed on", "conversation": "closed this", "site": "We rest."}[way]
    assert page.status_code == 200 and "There is a problem" in page.text
    assert sentence in page.text and "Drink tea." in page.text
    comment.refresh_from_db()
    assert comment.state == "removed"


def test_who_was_taken_down_together_with_the_conversation_can_still_send_again(client):
    wren, root = make_member(trusted=True), make_comment()
    comment = make_comment("Buy tea.", by=wren, to=root)
    act = decide("locked", comment)
    client.force_login(wren)
    client.post(f"/account/moderation/{act.pk}/send-again/", {"text": "Drink tea."})
    assert Comment.objects.get(pk=comment.pk).state == "held"


def test_words_brought_back_after_their_reports_were_settled_wait_for_a_moderator():
    comment = make_comment("Hm.", by=make_member(trusted=True))
    make_report(comment, reason="private")
    writing.delete(comment)
    reports.settle(Report.objects.waiting(), "A moderator read it and left it as it is.")
    comment.refresh_from_db()
    assert writing.undo_delete(comment)
    assert Comment.objects.get(pk=comment.pk).state == "held"
    assert Hold.objects.waiting().count() == 1


def test_a_memorial_and_its_undoing_stand_in_the_record(client):
    member, lead = make_member(display_name="Rosa"), make_moderator(lead=True)
    memorial.remember(member, lead, note="Her sister wrote.")
    memorial.undo(member, lead, note="Another Rosa.")
    acts = ModerationAct.objects.order_by("pk")
    assert [(act.what, act.by, act.why) for act in acts] == [
        ("remembered", lead, "Her sister wrote."), ("unremember", lead, "Another Rosa."),
    ]  # fmt: skip
    assert not hasattr(acts[0], "message")
    client.force_login(make_moderator())
    assert "Set the member remembered" in client.get(f"/moderation/members/{member.pk}/").text


def test_what_moderators_asked_each_other_about_her_goes_with_her(client):
    member, moderator = make_member(), make_moderator()
    comment = make_comment(by=member)
    client.force_login(moderator)
    sent = {"what": "asked", "words": "Lena again?"}
    client.post(f"/moderation/comments/{comment.pk}/pass-on/", sent)
    closing.ask_to_close(member, "without-name")
    Member.objects.filter(pk=member.pk).update(closes_at=timezone.now())
    assert closing.close(member)
    assert Request.objects.get().words == ""


def test_hand_over_notes_are_forgotten_after_90_days():
    rota.hand_over(make_moderator(), "Old.")
    HandOver.objects.update(at=timezone.now() - timezone.timedelta(days=91))
    rota.hand_over(make_moderator(), "New.")
    assert "1" in jobs.forget_hand_overs(dry_run=True)
    jobs.forget_hand_overs()
    assert [note.words for note in rota.notes()] == ["New."]


def checked_now():
    """Let the database look at what it would look at when the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize("name", ["member", "by"])
def test_no_name_or_word_leaves_the_record_while_its_account_is_there(name):
    act = decide("hidden", make_comment())
    blank = {"member": None, "why": "", "before": "", "after": "", "told": ""}
    with pytest.raises(IntegrityError, match="only with its account"), transaction.atomic():
        ModerationAct.objects.filter(pk=act.pk).update(
            **(blank if name == "member" else {"by": None})
        )
        checked_now()


def test_the_record_cannot_be_emptied_but_by_a_runner_of_tests():
    decide("hidden", make_comment())
    checked_now()
    for table in ("moderation_moderationact", "moderation_message"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL harbor.may_empty = ''")
            with pytest.raises(IntegrityError, match="never emptied"), transaction.atomic():
                cursor.execute(f"TRUNCATE {table} CASCADE")
            cursor.execute("SET LOCAL harbor.may_empty = 'tests'")
    assert ModerationAct.objects.exists()


def test_no_comment_is_taken_down_and_no_member_stopped_without_an_act():
    comment = make_comment()
    with pytest.raises(IntegrityError, match="only with an act"), transaction.atomic():
        Comment.objects.filter(pk=comment.pk).update(state="removed", broken_rule=1)
        checked_now()
    with pytest.raises(IntegrityError, match="only with an act"), transaction.atomic():
        Member.objects.filter(pk=comment.author_id).update(suspended_until=timezone.now())
        checked_now()

"""Decisions: done once, recorded for good, told to whom they concern."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from community.comments.models import Comment, Hold, MemberHold, Report
from community.comments.openness import why_not
from community.moderation import appeals, deciding, mailing
from community.moderation.models import Appeal, Message, ModerationAct
from tests.community.comments.factories import make_comment, rules_in_force
from tests.community.moderation.factories import decide, make_moderator, make_report
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def tasks_run(settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}


def test_a_held_comment_is_shown_and_its_writer_told_on_the_site_and_by_mail(
    tasks_run, django_capture_on_commit_callbacks
):
    comment = make_comment("Hello.", state="held")
    with django_capture_on_commit_callbacks(execute=True):
        act = decide("accepted", comment)
    comment.refresh_from_db()
    message = Message.objects.get(member=comment.author)
    assert comment.state == "visible" and not Hold.objects.waiting().exists()
    assert message.act == act and "Your comment is posted" in act.told
    assert act.line == "held" and act.waiting_since
    [sent] = mail.outbox
    assert sent.to == [comment.author.email] and "Your comment is posted" in sent.body
    assert f"/account/moderation/{act.pk}/" in sent.body
    assert not mailing.mail_message(act.pk), "a message is mailed once"


def test_a_comment_taken_down_names_rule_words_source_and_the_way_back():
    comment = make_comment("Buy my tea.")
    make_report(comment, reason="selling")
    act = decide("hidden", comment, source="report", quoted="Buy my tea.")
    comment.refresh_from_db()
    assert comment.state == "removed" and comment.broken_rule == 3
    for said in ("“Buy my tea.”", "Rule 3", "A reader reported it", "send it again", "different"):
        assert said in act.told
    assert Report.objects.get().settled_at and "took it down" in Report.objects.get().outcome


def test_leaving_a_comment_tells_the_writer_nothing_unless_there_are_words_for_her():
    comment = make_comment()
    make_report(comment)
    assert decide("kept", comment).told == "" and not Message.objects.exists()
    assert "Take care." in decide("kept", comment, own_words="Take care.").told


def test_a_detail_taken_out_leaves_a_note_and_no_earlier_text_to_bring_back():
    comment = make_comment("Ask Dr. Jane Roe about it.")
    comment.versions.create(source="Ask Dr. Jane Roe.")
    act = decide("edited", comment, rule=2, text="Ask your doctor about it.")
    comment.refresh_from_db()
    assert comment.source == "Ask your doctor about it." and "Roe" not in comment.html
    assert "A moderator took a detail out" in comment.html
    assert act.before == "Ask Dr. Jane Roe about it." and not comment.versions.exists()


def test_a_note_with_its_source_stands_under_the_comment_and_survives_rendering_again():
    comment = make_comment("Stop your pills, eat garlic.")
    note = {
        "note": "", "ask_about": "stopping a <b>medicine", "source_title": "NCI, 2025",
        "source_url": "https://www.cancer.gov/",
    }  # fmt: skip
    decide("noted", comment, note=note)
    comment.refresh_from_db()
    from community.comments import words

    for _ in range(2):
        assert "This is not medical advice. Ask your team about stopping a &lt;b&gt;medicine" in (
            comment.html
        )
        assert 'href="https://www.cancer.gov/"' in comment.html
        words.render(comment)
    decide("unnoted", comment)
    comment.refresh_from_db()
    assert "medical advice" not in comment.html and comment.state == "visible"


def test_a_locked_conversation_takes_no_replies_and_says_so(client):
    comment = make_comment("Round and round.")
    decide("locked", comment)
    client.force_login(make_member())
    address = f"/comments/{make_comment(on=comment.article).pk}/reply/"
    assert client.get(address, secure=True).status_code == 200
    reply = Comment.objects.create(
        article=comment.article, author=make_member(), parent=comment, parent_path=comment.path,
        source="x", html="x", stamp="x",
    )  # fmt: skip
    page = client.get(f"/comments/{reply.pk}/reply/", secure=True)
    assert page.status_code == 409 and b"closed this conversation" in page.content


@pytest.mark.parametrize("where", ["article", "thread", "one comment"])
def test_nobody_is_offered_a_reply_in_a_locked_conversation(client, where):
    root, open_root = make_comment("Round and round."), None
    reply = make_comment("And round.", to=root)
    open_root = make_comment("Over here.", on=root.article)
    decide("locked", root)
    article = root.article.get_absolute_url()
    address, headers = {
        "article": (f"{article}?reply={reply.pk}", {}),
        "thread": (f"/comments/{root.pk}/thread/?reply={reply.pk}", {}),
        "one comment": (f"/comments/{reply.pk}/", {"HX-Request": "true"}),
    }[where]
    for reader in (None, make_member()):
        if reader:
            client.force_login(reader)
        page = client.get(address, headers=headers, secure=True).content.decode()
        assert "And round." in page
        assert f"reply={reply.pk}#" not in page and f"reply={root.pk}#" not in page
        assert "reply-box" not in page
        if where == "article":
            assert f"reply={open_root.pk}#" in page


def test_a_pause_ends_by_the_clock():
    member = make_member()
    decide("paused", member=member, until=timezone.now() + timedelta(days=3))
    member.refresh_from_db()
    assert "paused" in why_not(member)
    type(member).objects.filter(pk=member.pk).update(
        suspended_until=timezone.now() - timedelta(seconds=1)
    )
    member.refresh_from_db()
    assert why_not(member) == ""


def test_a_ban_without_an_end_says_so_and_leaves_export_and_closing_open(client):
    rules_in_force()
    member = make_member()
    act = decide("banned", member=member, by=make_moderator(lead=True))
    member.refresh_from_db()
    assert "can no longer write" in why_not(member) and "no end date" in act.told
    client.force_login(member)
    assert client.get("/account/close/", secure=True).status_code == 200
    assert client.post("/account/your-data/", secure=True).status_code == 302
    assert member.exports.count() == 1
    decide("lifted", member=member, by=make_moderator(lead=True))
    member.refresh_from_db()
    assert why_not(member) == ""


def test_a_warning_stands_before_writing_until_it_is_acknowledged(client):
    member = make_member()
    act = decide("warned", member=member)
    assert "A moderator wrote to you" in why_not(member)
    client.force_login(member)
    client.post(f"/account/moderation/{act.pk}/read/", secure=True)
    assert why_not(member) == "" and Message.objects.get().acknowledged_at


def test_a_member_whose_words_are_all_read_first_can_be_released():
    member = make_member()
    decide("held-all", member=member)
    assert MemberHold.objects.filter(member=member).exists()
    decide("released", member=member)
    assert not MemberHold.objects.exists()
    decide("trusted", member=member)
    member.refresh_from_db()
    assert member.trusted_at
    decide("held-all", member=member)
    member.refresh_from_db()
    assert member.trusted_at is None


def test_the_second_of_two_moderators_is_told_and_nothing_happens_twice():
    comment = make_comment()
    make_report(comment)
    seen = deciding.version_of(comment, None)
    first = decide("hidden", comment, seen=seen)
    with pytest.raises(deciding.AlreadyDecided) as second, transaction.atomic():
        decide("paused", comment, seen=seen, until=timezone.now() + timedelta(days=2))
    assert second.value.act == first and ModerationAct.objects.count() == 1
    comment.author.refresh_from_db()
    assert comment.author.suspended_until is None


def test_a_report_that_came_after_the_moderator_looked_waits_on():
    comment = make_comment()
    seen = make_report(comment)
    late = make_report(comment, reason="worried")
    decide("kept", comment, newest_report=seen.pk)
    late.refresh_from_db()
    assert late.settled_at is None


def test_nobody_decides_about_her_own_words():
    moderator = make_moderator()
    comment = make_comment(by=moderator)
    with pytest.raises(deciding.NotOwn):
        decide("accepted", comment, by=moderator)
    with pytest.raises(IntegrityError), transaction.atomic():
        ModerationAct.objects.create(what="kept", by=moderator, comment=comment)


@pytest.mark.parametrize("what", ["hidden", "edited", "paused", "warned", "noted", "restored"])
def test_the_database_refuses_an_act_that_does_not_tell_whom_it_concerns(what):
    comment = make_comment()
    answers = decide("hidden", comment) if what == "restored" else None
    with pytest.raises(DatabaseError, match=r"act_(tells|names|says)"), transaction.atomic():
        ModerationAct.objects.create(
            what=what, by=make_moderator(), comment=comment, why="x", rule=3, answers=answers,
            until=timezone.now(),
        )  # fmt: skip


def test_the_database_keeps_the_record_and_the_messages_as_they_are():
    act = decide("hidden", make_comment())
    acts = ModerationAct.objects.filter(pk=act.pk)
    for change in ({"why": "Other."}, {"told": ""}, {"rule": 4}, {"by": make_moderator()}):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            acts.update(**change)
    for rows in (acts, Message.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows._raw_delete("default")


def test_the_database_lets_only_another_moderator_answer_an_appeal():
    moderator = make_moderator()
    act = decide("hidden", make_comment(), by=moderator)
    asked = Appeal.objects.create(act=act, member=act.member, words="Look again.")
    with pytest.raises(deciding.NotOwn):
        appeals.answer(asked, "upheld", moderator, why="x")
    with pytest.raises(DatabaseError, match="different moderator"), transaction.atomic():
        ModerationAct.objects.create(
            what="upheld", by=moderator, comment=act.comment, answers=act, told="x", why="x"
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        Appeal.objects.filter(pk=act.pk).delete()
        Appeal.objects.create(act=act, member=make_member(), words="Not mine.")


def test_an_appeal_is_answered_once():
    act = decide("hidden", make_comment())
    asked = Appeal.objects.create(act=act, member=act.member, words="Look again.")
    appeals.answer(asked, "restored", make_moderator(), why="x", own_words="You are right.")
    act.comment.refresh_from_db()
    assert act.comment.state == "visible"
    with pytest.raises(deciding.AlreadyDecided):
        appeals.answer(asked, "upheld", make_moderator(), why="x")


def test_a_decision_about_somebody_others_worry_about_waits_for_a_second_moderator():
    comment = make_comment()
    make_report(comment, reason="worried")
    moderator = make_moderator()
    act = decide("kept", comment, by=moderator, own_words="I am glad you wrote.")
    assert act.needs_check
    with pytest.raises(deciding.NotOwn):
        deciding.check(act, moderator)
    assert deciding.check(act, make_moderator()) and not deciding.check(act, make_moderator())
    assert "looking after it" in Report.objects.get().outcome

"""Moderators and writers at the same moment, with real commits from several threads."""

import pytest
from django.core import mail

from community.comments.models import Hold
from community.moderation import appeals, deciding, mailing
from community.moderation.models import Appeal, Message, ModerationAct
from tests.community.comments.factories import make_comment
from tests.community.moderation.factories import decide, make_moderator
from tests.races.test_the_desk import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def outcome_of(deed):
    """What a deed did: the act, or which of the ways it was refused."""

    def run():
        try:
            return deed().what
        except (deciding.AlreadyDecided, deciding.NotOwn) as refused:
            return type(refused).__name__

    return run


def test_moderators_deciding_at_once_decide_once():
    comment = make_comment(state="held")
    seen = deciding.version_of(comment, None)
    moderators = [make_moderator() for _ in range(6)]
    deeds = ["accepted", "hidden"] * 3
    done = all_at_once(
        *(
            outcome_of(lambda d=deed, m=moderator: decide(d, comment, by=m, seen=seen))
            for deed, moderator in zip(deeds, moderators, strict=True)
        )
    )
    assert done.count("AlreadyDecided") == 5
    assert ModerationAct.objects.count() == Message.objects.count() == 1
    assert not Hold.objects.waiting().exists()


def test_an_appeal_sent_twice_at_once_is_one_and_is_answered_once():
    act = decide("hidden", make_comment())
    sent = all_at_once(*[lambda: appeals.appeal(act.message, "Look again.")] * 4)
    assert sent.count(True) == 1
    asked = Appeal.objects.get()
    moderators = [make_moderator() for _ in range(4)]
    done = all_at_once(
        *(
            outcome_of(lambda m=m, w=w: appeals.answer(asked, w, m, why="x", own_words="x"))
            for m, w in zip(moderators, ["restored", "upheld"] * 2, strict=True)
        )
    )
    assert done.count("AlreadyDecided") == 3
    assert ModerationAct.objects.filter(answers=act).count() == 1


def test_workers_at_once_mail_a_message_once():
    act = decide("hidden", make_comment())
    mail.outbox.clear()
    assert all_at_once(*[lambda: mailing.mail_message(act.pk)] * 4).count(True) == 1
    assert len(mail.outbox) == 1


def test_second_looks_at_once_are_one():
    from tests.community.moderation.factories import make_report

    comment = make_comment()
    make_report(comment, reason="worried")
    act = decide("kept", comment)
    moderators = [make_moderator() for _ in range(4)]
    done = all_at_once(*(lambda m=m: deciding.check(act, m) for m in moderators))
    assert done.count(True) == 1

"""Reports: kept once, settled once, and their senders told."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from community.comments import reports
from community.comments.models import Report
from tests.community.comments.factories import make_comment
from tests.factories import make_member

AT_ONCE = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}

pytestmark = pytest.mark.django_db


@pytest.fixture
def worries():
    heard = []
    reports.on_worried(heard.append)
    yield heard
    reports._on_worried.remove(heard.append)


def report(comment, reason="spam", **more):
    return reports.report(comment=comment, reason=reason, **more)


def test_the_same_reporter_twice_is_one_report_with_the_newer_words():
    comment, reader = make_comment(), make_member()
    first, is_new = report(comment, reporter=reader)
    again, is_new_again = report(comment, "unkind", words="Read the end.", reporter=reader)
    assert (is_new, is_new_again) == (True, False) and again.pk == first.pk
    assert (again.reason, again.words) == ("unkind", "Read the end.")
    assert report(comment, reporter=make_member())[1]


def test_two_guests_of_one_network_are_two_reporters_unless_they_say_the_same():
    comment = make_comment()
    assert report(comment, where="192.0.2.1")[1]
    assert not report(comment, where="192.0.2.1")[1]
    assert report(comment, words="It is an advertisement.", where="192.0.2.1")[1]
    assert report(comment, email="ana@example.com", where="192.0.2.1")[1]
    assert not report(comment, "unkind", email="Ana@example.com", where="192.0.2.1")[1]
    assert Report.objects.waiting().count() == 3


def test_a_worry_is_told_at_once_and_is_not_taken_back_by_a_second_report(worries):
    comment, reader = make_comment(), make_member()
    report(comment, reporter=reader)
    assert not worries
    found, _ = report(comment, "worried", reporter=reader)
    report(comment, "spam", reporter=reader)
    found.refresh_from_db()
    assert worries == [found] and found.is_worried
    assert list(Report.objects.worried()) == [found]


def test_settling_tells_once_those_who_left_a_way_and_nobody_else(settings):
    settings.TASKS = AT_ONCE
    comment = make_comment("The secret words.")
    reader, silent = make_member(), make_member()
    report(comment, reporter=reader, wants_mail=True)
    report(comment, reporter=silent)
    report(comment, email="ana@example.com", where="192.0.2.1")
    waiting = Report.objects.waiting()
    assert reports.settle(list(waiting), "We took it down: it broke rule 2.") == 3
    assert reports.settle(Report.objects.all(), "Something else.") == 0
    assert sorted(message.to[0] for message in mail.outbox) == ["ana@example.com", reader.email]
    assert all("it broke rule 2" in message.body for message in mail.outbox)
    assert not any("secret" in message.body + message.subject for message in mail.outbox)
    assert not any(map(reports.tell, Report.objects.values_list("pk", flat=True)))


def test_after_the_outcome_the_same_person_can_report_again():
    comment, reader = make_comment(), make_member()
    report(comment, reporter=reader)
    reports.settle(Report.objects.all(), "It stays.")
    assert report(comment, reporter=reader)[1]


def test_a_report_is_about_one_thing_and_keeps_no_address_of_a_member():
    comment, member = make_comment(), make_member()
    for wrong in (
        {},
        {"comment": comment, "member": member},
        {"comment": comment, "reporter": member, "reporter_email": "ana@example.com"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Report.objects.create(reason="spam", **wrong)

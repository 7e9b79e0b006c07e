"""Two people, or one person twice, at the very same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from community.comments import holding, reports
from community.comments.models import Hold, Report
from community.comments.moderation import set_state
from tests.community.comments.factories import make_comment
from tests.factories import make_member

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


def together(*deeds):
    barrier = Barrier(len(deeds))

    def run(deed):
        try:
            barrier.wait(timeout=20)
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_one_reporter_pressing_many_times_at_once_is_one_report():
    comment, reader = make_comment(), make_member()

    def press():
        return reports.report(comment=comment, reason="spam", reporter=reader)[1]

    assert together(*[press] * AT_ONCE).count(True) == 1
    assert Report.objects.count() == 1


def test_two_moderators_settling_at_once_settle_each_report_once():
    comment = make_comment()
    for number in range(20):
        reports.report(comment=comment, reason="spam", words=f"{number}", where="x")
    ids = list(Report.objects.order_by("-pk"))
    there = together(
        lambda: reports.settle(ids, "It stays."),
        lambda: reports.settle(reversed(ids), "It went."),
    )
    assert sorted(there) == [0, 20]
    assert Report.objects.values_list("outcome", flat=True).distinct().count() == 1


def test_many_reasons_at_once_are_one_hold_with_all_of_them():
    comment = make_comment(by=make_member(trusted=True))
    set_state(comment, "held")
    reasons = [reason for reason in Hold.Reason.values if reason != "moderator"][:AT_ONCE]
    together(*[lambda reason=reason: holding.hold(comment, [reason]) for reason in reasons])
    assert set(Hold.objects.waiting().get().reasons) == {"moderator", *reasons}

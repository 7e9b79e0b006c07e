"""Many requests at once have no more tries than one, and a code still works once."""

import time
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest
from django.db import connection, transaction

from community.members import codes, doors, exporting
from community.members.models import EmailedCode, Export, Member
from tests.factories import make_member
from tests.races.locks import count_waiting

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count, deed):
    def run(n):
        try:
            return deed(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def make_code(purpose="join"):
    with patch.object(codes.secrets, "choice", return_value="B"):
        return codes.send_code(purpose, "ana@harbor.example", display_name="Ana")


def test_twenty_wrong_tries_at_once_are_three():
    row = make_code()
    results = at_once(20, lambda n: codes.use_code(row.key, "CCCC-CCCC"))
    assert sorted(left for _, left in results)[-2:] == [1, 2]
    assert EmailedCode.objects.get().tries_left == 0
    assert codes.use_code(row.key, "BBBB-BBBB") == (None, 0)


def test_a_code_sent_twenty_times_at_once_opens_one_door():
    row = make_code()
    results = at_once(20, lambda n: codes.use_code(row.key, "BBBB-BBBB")[0])
    assert sum(found is not None for found in results) == 1


def test_joining_in_twenty_tabs_at_once_is_one_account():
    rows = [make_code() for _ in range(20)]
    accounts = at_once(20, lambda n: doors.account_for(rows[n]))
    assert Member.objects.count() == 1
    assert sum(is_new for _, is_new in accounts) == 1


def test_a_copy_asked_for_in_two_tabs_at_once_is_one():
    member = make_member()

    def ask():
        try:
            return exporting.ask(Member.objects.get(pk=member.pk))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert exporting.ask(member)
            second = pool.submit(ask)
            deadline = time.monotonic() + 20
            while not (count_waiting() or second.done()) and time.monotonic() < deadline:
                time.sleep(0.01)
        assert second.result() is None
    assert Export.objects.count() == 1

"""What somebody would try who has the whole database with its system columns, the source and
the server's own log, and not the key. Real commits: only they have numbers of their own."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection
from django.test import RequestFactory
from django.urls import reverse

from polls import counting, jobs, voting
from polls.listening import keep_votes_of_guest
from polls.voters import _signer, voter_key
from polls.voting import adopt_votes, cast, forget_voter
from tests.factories import fill_ballots, make_member, make_poll
from tests.races.locks import count_waiting

pytestmark = pytest.mark.django_db(transaction=True)


def rows(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchall()


def at_once(deed, arguments, workers=12):
    def run(argument):
        try:
            return deed(argument)
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, arguments))


@pytest.fixture
def log():
    """What the server writes into its log from here on, as a function."""
    file = Path(rows("SHOW data_directory")[0][0]) / "log"
    if not file.exists():
        pytest.skip("the log of this database server is not here to be read")
    start = file.stat().st_size
    return lambda: file.read_bytes()[start:].decode()


# Any bit of a key that a count is grouped by makes the crowd around a ballot smaller.
OF_A_KEY = [
    "get_byte(voter_key, 0) % 8",
    "get_byte(voter_key, 1) % 8",
    "get_byte(voter_key, 31) % 8",
    "get_byte(voter_key, 0) / 32",
]


def test_no_group_of_counts_is_a_group_of_ballots():
    poll = make_poll("Tea", "Coffee")
    for n in range(64):
        cast(poll, f"member:{n}", [1 + n % 2])
    # One connection, 64 keys of all kinds: one group, so that the group is not the key's.
    for table in ("polls_tally", "polls_hourcount"):
        assert len(rows(f"SELECT DISTINCT part FROM {table}")) == 1, table
    at_once(lambda n: cast(poll, f"member:{n}", [1]), range(64, 128))
    parts = rows("SELECT part, sum(votes) FROM polls_hourcount GROUP BY 1 ORDER BY 1")
    for group in OF_A_KEY:
        assert parts != rows(f"SELECT {group}, count(*) FROM polls_ballot GROUP BY 1 ORDER BY 1")


def test_what_was_counted_by_keys_before_is_counted_in_one_part_now():
    """The statements of the migration, on rows as the earlier trigger left them."""
    poll = make_poll("Tea", "Coffee")
    fill_ballots(poll, 3, 2)
    rows("UPDATE polls_tally SET voters = 4, votes[1] = 2 RETURNING 1")
    rows(
        "INSERT INTO polls_tally (poll_id, part, voters, votes)"
        " VALUES (%s, 9, 1, '{1,0,0,0,0,0,0,0}') RETURNING 1",
        poll.pk,
    )
    up = import_module("polls.migrations.0003_secrecy").UP
    with connection.cursor() as cursor:
        cursor.execute(up.split("SET CONSTRAINTS")[0])
    assert rows("SELECT part, voters, votes[1:2] FROM polls_tally") == [(0, 5, [3, 2])]
    assert rows("SELECT DISTINCT part, votes FROM polls_hourcount") == [(0, 5)]
    assert counting.polls_with_wrong_totals() == []


def tables_with_transactions():
    names = rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [name for (name,) in names if name not in ("polls_ballot", "polls_mixing")]


def test_after_mixing_no_ballot_shares_a_transaction_with_anything_else(client):
    poll, other = make_poll("Tea", "Coffee"), make_poll("A", "B")
    for n in range(20):
        member = make_member()
        client.force_login(member)  # writes last_login
        for one in (poll, other):
            address = reverse("polls:vote", args=[one.slug])
            choice = one.choices.all()[n % 2].pk
            client.post(address, {"choice": choice}, secure=True)
    counts = "SELECT count(*) FROM polls_ballot WHERE xmin IN (SELECT xmin FROM polls_tally)"
    assert rows(counts)[0][0] > 0  # what a copy of the files told before
    jobs.lay_ballots_anew()
    for table in tables_with_transactions():
        shared = rows(f'SELECT 1 FROM polls_ballot b JOIN "{table}" t ON b.xmin = t.xmin')
        assert shared == [], table
    # Nor does a neighboring number tie a ballot to one sign-in: a batch is a whole poll here.
    per_batch = rows("SELECT count(*) FROM polls_ballot GROUP BY poll_id, xmin")
    assert per_batch == [(20,), (20,)]


def test_after_mixing_the_order_of_rows_is_that_of_random_keys():
    poll = make_poll("Tea", "Coffee")
    order = [f"member:{n}" for n in range(60)]
    for n, voter in enumerate(order):
        cast(poll, voter, [1 + n % 2])
    voted = [voter_key(poll.pk, voter) for voter in order]
    by_place = "SELECT voter_key FROM polls_ballot ORDER BY ctid"
    assert [bytes(key) for (key,) in rows(by_place)] == voted  # what a copy would have told
    call_command("mix_ballots")
    assert [bytes(key) for (key,) in rows(by_place)] == sorted(voted) != voted
    assert list(counting.polls_to_mix()) == [] and counting.polls_with_wrong_totals() == []
    assert sum(votes for (votes,) in rows("SELECT votes FROM polls_hourcount")) == 60


def test_every_new_ballot_is_mixed_however_many_and_none_for_ever(monkeypatch):
    monkeypatch.setattr(counting, "MIXED_AT_ONCE", 20)
    monkeypatch.setattr(counting, "COMPANY", 15)
    poll = make_poll("Tea", "Coffee")
    fill_ballots(poll, 50)
    first = {xmin for (xmin,) in rows("SELECT xmin::text FROM polls_ballot")}
    assert 20 <= counting.mix_ballots(poll) <= 50  # some new ones are company of others
    assert not first & {xmin for (xmin,) in rows("SELECT xmin::text FROM polls_ballot")}
    assert list(counting.polls_to_mix()) == [] and counting.mix_ballots(poll) == 0
    cast(poll, "guest:late", [2])
    assert list(counting.polls_to_mix()) == [poll]
    assert counting.mix_ballots(poll) == 1
    # The late one is among as many others as were asked for, chosen by chance.
    late = voter_key(poll.pk, "guest:late")
    among = rows(
        "SELECT count(*) FROM polls_ballot WHERE xmin ="
        " (SELECT xmin FROM polls_ballot WHERE voter_key = %s)",
        late,
    )
    assert among[0][0] in (15, 16)


def test_nothing_ties_the_ballots_of_one_person_in_several_polls_together():
    """Sign-in and closing touch all of them: one transaction would name the set."""
    polls = [make_poll() for _ in range(4)]
    for poll in polls:
        cast(poll, "guest:g", [1])
    together = "SELECT xmin::text FROM polls_ballot GROUP BY 1 HAVING count(DISTINCT poll_id) > 1"
    assert adopt_votes("guest:g", "member:1") == 4
    assert rows(together) == []
    # One ballot in each poll, one transaction: polls without another number are mixed as well.
    with voting.transaction.atomic():
        forget_voter("member:1")
    assert list(counting.polls_to_mix()) == polls
    jobs.lay_ballots_anew()
    assert rows(together) == [] and list(counting.polls_to_mix()) == []


def test_a_handing_over_asks_for_mixing_and_the_row_of_it_names_nobody(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    poll = make_poll()
    cast(poll, "guest:g", [1])
    adopt_votes("guest:g", "member:1")
    (args,) = rows("SELECT args_kwargs::text FROM django_tasks_database_dbtaskresult")
    assert args == ('{"args": [], "kwargs": {}}',)


def test_sixty_people_who_sign_in_at_once_all_keep_their_votes(log):
    polls = [make_poll("Tea", "Coffee") for _ in range(3)]
    for _ in range(2):
        for n in range(60):
            for poll in polls:
                cast(poll, f"guest:{n}", [1 + n % 2])
        outcomes = at_once(lambda n: adopt_votes(f"guest:{n}", f"member:{n}"), range(60))
        assert set(outcomes) <= {0, 3} and "deadlock" not in log()
        assert counting.polls_with_wrong_totals() == []
        assert [poll.ballots.count() for poll in polls] == [60, 60, 60]


def test_handing_over_closing_and_voting_beside_each_other_never_wait_in_a_ring():
    polls = [make_poll("Tea", "Coffee") for _ in range(4)]

    def deed(n):
        person = n // 4 % 10
        if n % 4 == 0:
            for poll in reversed(polls):
                cast(poll, f"guest:{person}", [1 + n % 2])
        elif n % 4 == 1:
            adopt_votes(f"guest:{person}", f"member:{person}")
        elif n % 4 == 2:
            for poll in polls:
                cast(poll, f"member:{person}", [2])
        else:
            with voting.transaction.atomic():
                forget_voter(f"member:{person}", remove_votes=True)

    at_once(deed, range(240))
    assert counting.polls_with_wrong_totals() == []


def sign_in_with_votes_of(guest, member):
    request = RequestFactory().get("/")
    request.COOKIES[settings.VOTE_COOKIE_NAME] = _signer().sign(guest.removeprefix("guest:"))
    keep_votes_of_guest(type(member), request=request, user=member)


def test_a_poll_keeps_nobody_from_signing_in(monkeypatch, caplog):
    poll, member = make_poll(), make_member()
    cast(poll, "guest:g", [1])

    def broken(*args):
        raise OperationalError("deadlock detected: \\x0123")

    monkeypatch.setattr(voting, "_voted_in", broken)
    sign_in_with_votes_of("guest:g", member)
    assert "not handed over: OperationalError" in caplog.text and "x0123" not in caplog.text


def test_a_failure_writes_no_key_into_the_servers_log(log):
    """With the log as talkative as an untouched Postgres is."""
    polls, member = [make_poll() for _ in range(3)], "member:1"
    for poll in polls:
        cast(poll, "guest:g", [1])
        cast(poll, "member:2", [1])
    known = [voter_key(p.pk, v).hex() for p in polls for v in ("guest:g", member, "member:2")]
    with connection.cursor() as cursor:
        cursor.execute("SET log_min_error_statement = error; SET log_error_verbosity = default")
        cursor.execute("SET lock_timeout = '50ms'")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(hold_ballots).result()
            for deed in (lambda: adopt_votes("guest:g", member), lambda: forget_voter("member:2")):
                with pytest.raises(DatabaseError):
                    deed()
            with pytest.raises(DatabaseError):
                counting.mix_ballots(polls[0])
            pool.submit(let_go_of_ballots).result()
        cursor.execute("RESET ALL")
    text = log()
    assert text.count("STATEMENT:") >= 3 and "lock timeout" in text
    assert not any(key in text for key in known)


def hold_ballots():
    connection.set_autocommit(False)
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE polls_ballot IN ACCESS EXCLUSIVE MODE")


def let_go_of_ballots():
    connection.rollback()
    connection.close()


def test_while_ballots_are_laid_anew_nobody_is_missed():
    """A row that is taken and laid again must be found by those who look for it meanwhile."""
    poll = make_poll("Tea", "Coffee")
    fill_ballots(poll, 5, 5)
    for voter in ("member:1", "guest:2", "member:3", "member:4"):
        cast(poll, voter, [1])
    deeds = [
        lambda: voting.take_back(poll, "member:1"),
        lambda: adopt_votes("guest:2", "member:2") == 1,
        lambda: forget_voter("member:3") == 1,
        lambda: cast(poll, "member:4", [2]),
    ]

    def run(deed):
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        with voting.transaction.atomic():
            counting.mix_ballots(poll)
            waiting = [pool.submit(run, deed) for deed in deeds]
            wait_for_waiters(len(deeds))
        assert [one.result(timeout=10) for one in waiting] == [True] * 4
    assert not cast(poll, "member:2", [1])  # it is hers now: nothing changes
    assert poll.ballots.count() == 13 and counting.polls_with_wrong_totals() == []


def wait_for_waiters(count):
    for _ in range(200):
        if count_waiting() >= count:
            return
        rows("SELECT pg_sleep(0.05)")
    raise AssertionError("nobody waits")


def test_votes_on_one_poll_do_not_queue_on_one_row():
    poll = make_poll("Tea", "Coffee")
    at_once(lambda n: cast(poll, f"guest:{n}", [1]), range(100), workers=20)
    assert len(rows("SELECT part FROM polls_tally")) > 3

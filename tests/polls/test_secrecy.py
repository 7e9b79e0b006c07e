"""With a copy of the whole database and of the source, but not of the key, no vote can be tied
to a member; and what people voted on stays as it was."""

import hashlib
import hmac

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from polls import counting
from polls.examination import what_the_log_would_hold
from polls.models import Ballot, Choice, HourCount, Poll, Tally
from polls.voters import member_voter, voter_key
from polls.voting import CLOSED, NOT_YET, NotCounted, adopt_votes, cast, forget_voter, take_back
from tests.factories import fill_ballots, make_member, make_poll
from tests.polls.test_voting import send, totals

pytestmark = pytest.mark.django_db


def rows(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def test_a_ballot_holds_a_key_and_choices_and_nothing_else():
    columns = rows(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_name = 'polls_ballot' ORDER BY 1"
    )
    assert columns == [("choices", "ARRAY"), ("poll_id", "bigint"), ("voter_key", "bytea")]
    refers = rows(
        "SELECT confrelid::regclass::text FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid = 'polls_ballot'::regclass"
    )
    assert refers == [("polls_poll",)]
    referred = rows("SELECT 1 FROM pg_constraint WHERE confrelid = 'polls_ballot'::regclass")
    assert referred == []


def test_the_key_is_unique_in_the_database_for_every_kind():
    for kind in Poll.Kind.values:
        choices = ("A", "B") if kind == "this-or-that" else ("A", "B", "C")
        poll = make_poll(*choices, kind=kind)
        key = b"k" * 32
        Ballot.objects.create(poll=poll, voter_key=key, choices=[1])
        with pytest.raises(IntegrityError, match="polls_ballot_pkey"), transaction.atomic():
            Ballot.objects.bulk_create([Ballot(poll=poll, voter_key=key, choices=[2])])


@pytest.mark.parametrize("choices", [[1, 2], [3], [], [0], [2, 2], [2, 1], [None]])
def test_the_database_refuses_a_ballot_that_does_not_fit_its_poll(choices):
    poll = make_poll("Tea", "Coffee")
    make_poll("A", "B", "C")
    with pytest.raises(DatabaseError), transaction.atomic():
        rows(
            "INSERT INTO polls_ballot (poll_id, voter_key, choices)"
            " VALUES (%s, %s, %s::smallint[]) RETURNING 1",
            poll.pk,
            b"k" * 32,
            choices,
        )
    assert totals(poll) == [0, 0, 0]


def everything_in_the_database() -> dict[str, list[tuple]]:
    tables = rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    with connection.cursor() as cursor:
        dump = {}
        for (table,) in tables:
            cursor.execute(f'SELECT *, xmin::text FROM "{table}"')
            dump[table] = cursor.fetchall()
    return dump


def guesses(member, poll):
    """Every key that someone without the secret could think of."""
    facts = [member.pk, member.email, member.display_name, f"member:{member.pk}"]
    facts += [f"{poll.pk}:member:{member.pk}", f"{poll.slug}:{member.pk}"]
    secrets = ["", "polls.voter_key", "harbor", "for-local-use-only-never-in-production-0123456789"]
    for fact in map(str, facts):
        yield hashlib.sha256(fact.encode()).digest()
        for secret in secrets:
            key = hmac.digest(secret.encode(), b"polls.voter_key", hashlib.sha256)
            yield hmac.digest(secret.encode(), fact.encode(), hashlib.sha256)
            yield hmac.digest(key, fact.encode(), hashlib.sha256)


def test_a_dump_without_the_key_ties_no_vote_to_a_member(client):
    poll, other = make_poll("Tea", "Coffee"), make_poll("Window", "Corner")
    members = [make_member() for _ in range(12)]
    for n, member in enumerate(members):
        client.force_login(member)
        send(client, poll, 1 + n % 2)
        send(client, other, 1 + n % 2)
    counting.mix_ballots(poll)
    counting.mix_ballots(other)
    dump = everything_in_the_database()
    ballots = {bytes(key) for (key,) in rows("SELECT voter_key FROM polls_ballot")}
    assert len(ballots) == 24  # a voter's keys in two polls have nothing in common
    for member in members:
        assert not ballots & set(guesses(member, poll))
        assert voter_key(poll.pk, member_voter(member.pk)) in ballots  # only with the secret
    # No other table knows a key, and no count has a member or an address beside it.
    for table, lines in dump.items():
        text = repr(lines)
        if table != "polls_ballot":
            assert not any(repr(key)[2:-1] in text or key.hex() in text for key in ballots), table
    kept = {field.name for field in HourCount._meta.fields}
    assert kept == {"pk", "poll", "hour", "part", "votes"}


def test_no_address_no_moment_and_no_person_is_logged_or_kept_with_a_vote(client, caplog):
    poll = make_poll()
    with caplog.at_level("DEBUG"):
        send(client, poll, 1, REMOTE_ADDR="192.0.2.77")
    dump = repr(everything_in_the_database())
    assert "192.0.2.77" not in dump and "192.0.2.77" not in caplog.text
    cookie = client.cookies[settings.VOTE_COOKIE_NAME].value
    assert cookie.split(":")[0] not in dump and cookie not in caplog.text
    hour = HourCount.objects.get()
    assert (hour.hour.minute, hour.hour.second, hour.hour.microsecond) == (0, 0, 0)


def test_an_account_that_is_deleted_keeps_the_totals_and_forgets_the_key():
    poll, member = make_poll("Tea", "Coffee"), make_member()
    voter = member_voter(member.pk)
    cast(poll, voter, [2])
    member.delete()
    assert totals(poll) == [1, 0, 1]
    assert not Ballot.objects.filter(voter_key=voter_key(poll.pk, voter)).exists()


def test_forgotten_ballots_have_nothing_in_common():
    polls = [make_poll() for _ in range(3)]
    for poll in polls:
        cast(poll, "member:7", [1])
    assert forget_voter("member:7") == 3 and forget_voter("member:7") == 0
    keys = [bytes(key) for (key,) in rows("SELECT voter_key FROM polls_ballot")]
    assert len(set(keys)) == 3 and {len(key) for key in keys} == {32}


def test_votes_can_be_removed_from_the_totals_of_closed_polls_too():
    poll, closed = make_poll("Tea", "Coffee"), make_poll("A", "B")
    for one in (poll, closed):
        cast(one, "member:7", [2])
    Poll.objects.filter(pk=closed.pk).update(closes_at=timezone.now())
    assert forget_voter("member:7", remove_votes=True) == 2
    assert forget_voter("member:7", remove_votes=True) == 0
    assert totals(poll) == totals(closed) == [0, 0, 0]


def test_totals_are_proved_against_ballots_and_rebuilt():
    poll = make_poll("A", "B", "C", kind="several", max_choices=3)
    fill_ballots(poll, 3, 2, 1)
    cast(poll, "guest:x", [1, 3])
    call_command("rebuild_poll_totals", "--check")
    Tally.objects.filter(poll=poll).update(voters=5, votes=[9] * 8)
    Tally.objects.filter(poll=poll).first().delete()
    with pytest.raises(CommandError, match="1 polls have wrong totals"):
        call_command("rebuild_poll_totals", "--check")
    call_command("rebuild_poll_totals")
    assert totals(poll) == [7, 4, 2, 2]


LOCKED = [
    lambda poll: Poll.objects.filter(pk=poll.pk).update(question="Something else?"),
    lambda poll: Poll.objects.filter(pk=poll.pk).update(kind="one"),
    lambda poll: poll.choices.filter(position=1).update(text="Something else"),
    lambda poll: poll.choices.filter(position=1).update(position=5),
    lambda poll: Choice.objects.create(poll=poll, position=3, text="A third"),
    lambda poll: poll.choices.first().delete(),
    lambda poll: poll.delete(),
]


@pytest.mark.parametrize("change", LOCKED)
def test_what_people_voted_on_is_not_changed_under_them(change):
    poll = make_poll("Tea", "Coffee")
    fill_ballots(poll, 1)
    with pytest.raises(DatabaseError), transaction.atomic():
        change(poll)
    Poll.objects.filter(pk=poll.pk).update(note="Tea now means herbal tea too.")
    poll.choices.update(follow_text="Read", follow_url="/articles/")
    forget_voter("nobody")
    Ballot.objects.all().delete()
    change(poll)  # without votes it may be


def test_every_path_that_counts_is_a_trigger_not_a_read_and_write():
    """The totals move with rows changed by hand as well."""
    poll = make_poll("Tea", "Coffee")
    fill_ballots(poll, 3, 2)
    rows("UPDATE polls_ballot SET choices = '{2}' WHERE poll_id = %s RETURNING 1", poll.pk)
    assert totals(poll) == [5, 0, 5]
    assert Ballot.objects.all().delete()[0] == 5 and totals(poll) == [0, 0, 0]


def test_keys_are_made_with_a_key_of_their_own_so_that_the_other_may_change(settings):
    settings.VOTE_KEY = "a key for votes only"
    before = voter_key(1, "member:1")
    settings.SECRET_KEY = "another" * 10
    assert voter_key(1, "member:1") == before
    settings.VOTE_KEY = "another key for votes"
    assert voter_key(1, "member:1") != before


def test_a_choice_is_not_moved_into_a_poll_people_voted_in():
    voted, other = make_poll("Tea", "Coffee"), make_poll("A", "B", "C")
    fill_ballots(voted, 1)
    with pytest.raises(DatabaseError), transaction.atomic():
        other.choices.filter(position=3).update(poll=voted)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("log_min_error_statement", "error", "failed"),
        ("log_min_duration_statement", "100", "slow"),
        ("log_statement", "all", "every vote"),
    ],
)
def test_the_doctor_tells_of_a_log_that_would_hold_votes(name, value, says):
    rows("SELECT set_config('log_min_error_statement', 'panic', true)")
    assert list(what_the_log_would_hold()) == []
    rows("SELECT set_config(%s, %s, true)", name, value)
    assert says in " ".join(what_the_log_would_hold())


@pytest.mark.parametrize("deed", [lambda poll: cast(poll, "x", [1]), lambda p: take_back(p, "x")])
def test_the_verbs_themselves_know_when_a_poll_is_open(deed):
    for poll, says in ((make_poll(scheduled=True), NOT_YET), (make_poll(closed=True), CLOSED)):
        with pytest.raises(NotCounted, match=says):
            deed(poll)


def test_no_statement_of_a_sign_in_or_a_closing_holds_keys_beside_what_it_changes():
    """A statement that can fail, or be slow, is written into a log whole: keys are told before,
    in one that changes nothing."""
    polls = [make_poll() for _ in range(2)]
    for poll in polls:
        cast(poll, "guest:g", [1])
    known = [voter_key(p.pk, v).hex() for p in polls for v in ("guest:g", "member:1")]
    with CaptureQueriesContext(connection) as asked:
        adopt_votes("guest:g", "member:1")
        forget_voter("member:1")
    statements = [query["sql"] for query in asked.captured_queries]
    telling = [sql for sql in statements if any(key in sql for key in known)]
    assert telling and all(sql.startswith("SELECT set_config('harbor.") for sql in telling)
    assert any("polls_adopt" in sql for sql in statements)

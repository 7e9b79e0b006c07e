from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from advocacy_site import operators
from advocacy_site.models import ScheduledJob
from advocacy_site.schedule import Job, all_jobs, running
from advocacy_site.schedule.listing import how_often, sentences

pytestmark = pytest.mark.django_db

NAME = "comments.forget_old_words"


@pytest.fixture
def row():
    running.write_down_jobs()
    return ScheduledJob.objects.get(pk=NAME)


def make_due(row, **change):
    ScheduledJob.objects.filter(pk=row.pk).update(
        **{"next_at": timezone.now() - timedelta(seconds=1)} | change
    )


def test_every_app_with_something_to_do_is_on_the_schedule():
    apps = {name.partition(".")[0] for name in all_jobs()}
    magazine = {"articles", "polls", "newsletter"}
    assert apps == magazine | {"advocacy_site", "comments", "members", "moderation"}
    assert all(job.purpose.endswith(".") for job in all_jobs().values())


@pytest.mark.parametrize("name", list(all_jobs()))
def test_a_job_may_run_twice(name):
    all_jobs()[name].run()
    all_jobs()[name].run()


def test_every_job_that_forgets_can_be_rehearsed():
    deleting = {
        name for name in all_jobs() if any(word in name for word in ("forget", "tidy", "prune"))
    }
    # It deletes nothing, but a mail to a person is worth a rehearsal too.
    mailing = {"newsletter.remind_unconfirmed"}
    assert {name for name, job in all_jobs().items() if job.can_rehearse} == deleting | mailing


def test_a_rehearsal_deletes_nothing():
    old = timezone.now() - timedelta(days=400)
    Session.objects.create(session_key="old", session_data="", expire_date=old)
    DBTaskResult.objects.create(
        status="SUCCESSFUL", finished_at=old, run_after=get_date_max(), args_kwargs={}
    )
    said = StringIO()
    call_command("run_jobs", dry_run=True, stdout=said)
    assert "forget_sessions: Sessions: 1." in said.getvalue()
    assert "forget_finished_tasks: Tasks: 1." in said.getvalue()
    assert Session.objects.count() == DBTaskResult.objects.count() == 1
    all_jobs()["advocacy_site.forget_sessions"].run()
    all_jobs()["advocacy_site.forget_finished_tasks"].run()
    assert not Session.objects.exists() and not DBTaskResult.objects.exists()


def test_a_new_job_first_runs_within_minutes(row):
    assert row.next_at <= timezone.now() + timedelta(minutes=10)
    assert running.claim("me", [NAME]) is None
    make_due(row)
    assert running.claim("me", [NAME]).name == NAME


def test_a_job_is_claimed_once(row):
    make_due(row)
    assert running.claim("one", [NAME])
    assert running.claim("two", [NAME]) is None


def test_the_next_run_is_one_interval_later(row):
    make_due(row)
    running.claim("me", [NAME])
    row.refresh_from_db()
    assert abs(row.next_at - timezone.now() - row.every) < timedelta(seconds=10)


def test_a_clock_moved_back_does_not_stop_a_job(row):
    make_due(row, next_at=timezone.now() + timedelta(days=400))
    assert running.claim("me", [NAME]).name == NAME


def test_a_failed_job_is_tried_again_soon_and_ever_later(row):
    waits = []
    for _ in range(3):
        make_due(row)
        job = running.claim("me", [NAME])
        running.record(job, "me", False, "ValueError", 0.1)
        row.refresh_from_db()
        waits.append(round((row.next_at - timezone.now()) / timedelta(minutes=1)))
    assert waits == [2, 4, 8] and row.failures == 3
    make_due(row)
    running.record(running.claim("me", [NAME]), "me", True, "", 0.1)
    row.refresh_from_db()
    assert row.failures == 0


def test_operators_hear_of_the_third_failure_once(row, settings, mailoutbox):
    settings.ADMINS = ["operator@example.com"]
    for _ in range(5):
        make_due(row)
        running.record(running.claim("me", [NAME]), "me", False, "ValueError", 0.1)
    (mail,) = mailoutbox
    assert NAME in mail.subject and "ValueError" in mail.body


def test_operators_get_one_mail_in_six_hours_for_one_subject(settings, mailoutbox):
    settings.ADMINS = ["operator@example.com"]
    for subject in ("a", "a", "b", "a"):
        operators.tell_operators(subject, "text")
    assert len(mailoutbox) == 2


def test_what_a_job_raises_is_not_quoted_where_it_may_name_a_person(row):
    def fails():
        raise ValueError("ann@example.com")

    make_due(row)
    job = running.claim("me", [NAME])
    with pytest.raises(SystemExit):
        running.run(Job(job.name, job.every, job.limit, fails), "me")
    row.refresh_from_db()
    assert row.outcome == "failed" and "ann" not in row.words


def test_a_claim_taken_away_meanwhile_records_nothing(row):
    make_due(row)
    job = running.claim("slow", [NAME])
    running.release(["slow"])
    assert running.claim("quick", [NAME])
    assert not running.record(job, "slow", True, "", 1)
    assert ScheduledJob.objects.get(pk=NAME).claimed_by == "quick"


def test_another_interval_in_the_code_counts_at_once(row):
    make_due(row, every=timedelta(days=30), next_at=timezone.now() + timedelta(days=29))
    running.write_down_jobs()
    row.refresh_from_db()
    assert row.every == timedelta(days=1)
    assert row.next_at <= timezone.now() + timedelta(days=1)


def test_the_schedule_is_said_in_sentences(row):
    said = StringIO()
    call_command("jobs", stdout=said)
    assert "Every day. It has not run yet. It runs again in 9 minutes." in said.getvalue()
    make_due(row)
    job = running.claim("me", [NAME])
    row.refresh_from_db()
    assert "It has been running for less than a second." in sentences(row)
    running.record(job, "me", True, "drafts: 3.", 1.24)
    row.refresh_from_db()
    assert "It ran less than a second ago and took 1.2 s. drafts: 3." in sentences(row)
    make_due(row, next_at=timezone.now() - timedelta(hours=3), failures=2, outcome="failed")
    row.refresh_from_db()
    assert "2 times in a row" in sentences(row) and "IT IS OVERDUE by 3 hours" in sentences(row)


def test_a_job_just_due_is_not_overdue(row):
    make_due(row)
    row.refresh_from_db()
    assert not row.is_overdue
    ScheduledJob.objects.update(every=timedelta(minutes=1), next_at=F("next_at"))


def test_intervals_read_as_people_say_them():
    assert how_often(timedelta(minutes=1)) == "every minute"
    assert how_often(timedelta(minutes=5)) == "every 5 minutes"
    assert how_often(timedelta(days=7)) == "every week"


def test_one_job_runs_by_its_name():
    said = StringIO()
    call_command("run_jobs", only="polls.prove_totals", stdout=said)
    assert "agree" in said.getvalue()
    with pytest.raises(CommandError, match="no job nonsense"):
        call_command("run_jobs", only="nonsense")

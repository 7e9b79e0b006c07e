"""Real commits from many connections at once."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from community.comments import threads, writing
from community.comments.models import Comment, Reaction
from community.comments.moderation import set_state
from community.comments.reacting import press
from tests.community.comments.factories import make_comment, rules_in_force
from tests.factories import make_member
from tests.races.locks import OURS, count_waiting

pytestmark = pytest.mark.django_db(transaction=True)
CONNECTIONS, REPLIES = 20, 200


def at_once(deed, times, workers=CONNECTIONS):
    """Call deed(n) for each n, from this many connections, started together."""
    ready = threading.Barrier(workers)

    def work(worker):
        try:
            connection.ensure_connection()
            ready.wait()
            return [deed(n) for n in range(worker, times, workers)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(workers) as pool:
        return [result for results in pool.map(work, range(workers)) for result in results]


class LockWatch(threading.Thread):
    """Asks the database again and again how long anyone has been waiting for a lock."""

    def __init__(self):
        super().__init__(daemon=True)
        self.longest, self.done = 0.0, threading.Event()

    def run(self):
        waiting = {}
        with connection.cursor() as cursor:
            while not self.done.is_set():
                cursor.execute(
                    "SELECT pid, clock_timestamp() - coalesce(waitstart, clock_timestamp())"
                    f" FROM pg_locks WHERE NOT granted AND {OURS}"
                )
                for pid, waited in cursor.fetchall():
                    waiting[pid] = max(waiting.get(pid, 0), waited.total_seconds())
                self.longest = max([self.longest, *waiting.values()])
                time.sleep(0.002)
        connections.close_all()


def test_two_hundred_replies_from_twenty_connections_are_all_there_in_order():
    root = make_comment("What do you say?")
    people = [make_member(trusted=True) for _ in range(CONNECTIONS)]
    rules, before = rules_in_force(), Comment.objects.count()
    watch = LockWatch()
    watch.start()

    def reply(n):
        return writing.post(
            author=people[n % CONNECTIONS],
            article=root.article,
            parent=root,
            source=f"Reply {n}",
            rules=rules,
            form_id=uuid.uuid4(),
        )

    posted = at_once(reply, REPLIES)
    watch.done.set()
    watch.join()
    assert all(is_new for _, is_new in posted)
    assert Comment.objects.count() == before + REPLIES
    rows = threads.page_of_thread(root)[0].rows
    assert len(rows) == threads.MOST_ON_PAGE
    assert [row.id for row in rows] == sorted(row.id for row in rows)
    replies = Comment.objects.filter(parent=root).order_by("path")
    assert {reply.source for reply in replies} == {f"Reply {n}" for n in range(REPLIES)}
    assert [reply.path for reply in replies] == [[root.pk, reply.pk] for reply in replies]
    assert watch.longest < 0.1, f"somebody waited {watch.longest * 1000:.0f} ms for a lock"


def test_one_form_sent_twenty_times_at_once_is_one_comment():
    root, member, form_id = make_comment(), make_member(trusted=True), uuid.uuid4()
    rules = rules_in_force()
    posted = at_once(
        lambda n: writing.post(
            author=member,
            article=root.article,
            parent=root,
            source="Once.",
            rules=rules,
            form_id=form_id if n % 2 else uuid.uuid4(),
        ),
        CONNECTIONS,
    )
    assert len({comment.pk for comment, _ in posted}) == 1
    assert sum(is_new for _, is_new in posted) == 1


def test_one_kindness_pressed_many_times_at_once_is_at_most_one():
    comment, member = make_comment(), make_member(trusted=True)
    at_once(lambda n: press(comment, member, Reaction.Kind.HERE), 40)
    assert Reaction.objects.count() <= 1


@pytest.mark.parametrize("first", ["reply", "hide"])
def test_a_reply_in_the_moment_its_parent_is_hidden_keeps_the_place(first):
    """Whichever comes first, the other waits for it: no answer hangs in the air."""
    parent, article_rules, writer = make_comment(), rules_in_force(), make_member(trusted=True)
    deeds = {
        "reply": lambda: writing.post(
            author=writer, article=parent.article, parent=parent, source="A.", rules=article_rules
        ),
        "hide": lambda: set_state(parent, "hidden"),
    }
    second = next(name for name in deeds if name != first)

    def do_second():
        try:
            deeds[second]()
        finally:
            connections.close_all()

    other = threading.Thread(target=do_second)
    with transaction.atomic():
        deeds[first]()
        other.start()
        deadline = time.monotonic() + 20
        while count_waiting() == 0 and other.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert other.is_alive(), "it did not wait"
    other.join()
    assert Comment.objects.get(pk=parent.pk).has_place
    (thread,) = threads.page_of_threads(parent.article_id).threads
    assert len(thread.rows) == 2

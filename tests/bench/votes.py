"""How many votes a second this site takes, and how fast it shows a million.

    .venv/bin/python tests/bench/votes.py [--votes 2000] [--connections 20] [--million]

Starts the site's own production server (granian with two workers, production settings) on a
loopback port, lets as many visitors vote in one poll, one vote each, and proves the totals.
Every visitor has an address of their own, as behind a trusted proxy, and a cookie that an
earlier vote gave them; ``--first`` makes it their very first vote, which costs one more answer.
The visitors are one thread with plain sockets: they use the same processors, so little of them.
Ends with 1 when it was slower than it has to be. Writes to var/bench only.
"""

import argparse
import os
import selectors
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.bench.site import FORM, Database, Server, environment  # noqa: E402

PLAN = ROOT / "tests" / "bench" / "plans_polls.txt"
# On two processors, visitors included.
LEAST_A_SECOND, MOST_P99, MOST_RESULTS = 300, 0.100, 0.005


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--votes", type=int, default=2000)
    options.add_argument("--connections", type=int, default=20)
    options.add_argument("--first", action="store_true")
    options.add_argument("--million", action="store_true")
    options = options.parse_args()
    database = Database()
    try:
        env = environment(database.url)
        os.environ.update(env)
        for command in ("migrate", "collectstatic --no-input"):
            subprocess.run(
                [sys.executable, "manage.py", *command.split(), "--verbosity", "0"],
                cwd=ROOT, check=True,
                env=env | {"DJANGO_SETTINGS_MODULE": "advocacy_site.settings.local"},
            )  # fmt: skip
        import django

        django.setup()
        is_enough = show_a_million() if options.million else vote(options, database, env)
    finally:
        database.server.leave()
    sys.exit(0 if is_enough else 1)


def make_poll():
    from django.utils import timezone

    from polls.models import Choice, Poll

    poll = Poll.objects.create(slug=f"bench-{os.getpid()}", question="?", opens_at=timezone.now())
    for position, text in enumerate(("Tea", "Coffee"), start=1):
        Choice.objects.create(poll=poll, position=position, text=text)
    poll.refresh_from_db()  # each choice counts its wording up
    return poll


def forget(poll):
    from polls.models import Ballot

    Ballot.objects.filter(poll=poll).delete()
    poll.delete()


def vote(options, database, env) -> bool:
    from polls.counting import polls_with_wrong_totals
    from polls.placing import one_poll

    poll = make_poll()
    choices = [choice.pk for choice in poll.choices.all()]
    server = Server("advocacy_site.wsgi:application", env)
    try:
        server.wait()
        # Warm: every thread of every worker has its connection to the database.
        skip = [request(poll, "skip", n, cookie()) for n in range(300)]
        Visitors(server.port, options.connections).send(skip)
        cookies = [None if options.first else cookie() for _ in range(options.votes)]
        votes = [request(poll, choices[n % 2], n, c) for n, c in enumerate(cookies)]
        spent = server.seconds(), database.seconds(), time.process_time()
        begun = time.perf_counter()
        visitors = Visitors(server.port, options.connections)
        visitors.send(votes)
        took = time.perf_counter() - begun
        spent = [
            now - before
            for now, before in zip(
                (server.seconds(), database.seconds(), time.process_time()), spent, strict=True
            )
        ]
        found = one_poll(poll.slug)
        times = sorted(visitors.times)
        p99 = times[int(len(times) * 0.99)]
        print(
            f"{options.votes} votes over {options.connections} connections in {took:.2f} s: "
            f"{options.votes / took:.0f} a second"
        )
        print(
            f"median {1000 * statistics.median(times):.1f} ms, "
            f"p99 {1000 * p99:.1f} ms, slowest {1000 * times[-1]:.1f} ms"
        )
        print(
            f"answers {sorted(set(visitors.statuses))}, counted {found.voters}: "
            f"{[choice.votes for choice in found.choice_list]}, "
            f"totals wrong in {len(polls_with_wrong_totals())} polls"
        )
        each = [1000 * seconds / options.votes for seconds in spent]
        print(
            "processor time a vote: server {:.2f} ms, Postgres {:.2f} ms, "
            "visitors {:.2f} ms".format(*each)
        )
        is_counted = found.voters == options.votes
        return is_counted and options.votes / took >= LEAST_A_SECOND and p99 < MOST_P99
    finally:
        server.end()
        forget(poll)


def cookie() -> str:
    from django.conf import settings
    from django.http import HttpResponse

    from polls.voters import give_guest_cookie

    response = HttpResponse()
    give_guest_cookie(response)
    return f"{settings.VOTE_COOKIE_NAME}={response.cookies[settings.VOTE_COOKIE_NAME].value}"


def request(poll, choice, n, cookie) -> dict:
    address = f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"
    return {
        "path": f"/polls/{poll.slug}/vote/",
        "body": urlencode({"choice": choice, "wording": poll.wording, "next": "/"}).encode(),
        "headers": FORM | {"X-Forwarded-For": address} | ({"Cookie": cookie} if cookie else {}),
    }


class Visitors:
    """So many connections, each asking the next thing when its answer is there."""

    def __init__(self, port, connections):
        self.port, self.connections = port, connections
        self.times, self.statuses = [], []

    def send(self, requests):
        self.waiting = requests[::-1]
        with selectors.DefaultSelector() as selector:
            for _ in range(min(self.connections, len(requests))):
                connection = socket.create_connection(("127.0.0.1", self.port), 30)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(connection, selectors.EVENT_READ)
                self.ask(selector, connection, self.waiting.pop())
            while selector.get_map():
                for key, _ in selector.select(30):
                    self.hear(selector, key.fileobj, *key.data)

    def ask(self, selector, connection, asked, begun=None):
        headers = asked["headers"] | {"Content-Length": len(asked["body"])}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        begun = begun or time.perf_counter()
        head = f"POST {asked['path']} HTTP/1.1\r\n{lines}\r\n"
        connection.sendall(head.encode() + asked["body"])
        selector.modify(connection, selectors.EVENT_READ, (asked, begun, bytearray()))

    def hear(self, selector, connection, asked, begun, heard):
        heard += connection.recv(65536)
        head, end, body = bytes(heard).partition(b"\r\n\r\n")
        if not end:
            return
        status, headers = read_head(head)
        if len(body) < int(headers.get("content-length", 0)):
            return
        if status == 307:
            asked["headers"]["Cookie"] = headers["set-cookie"].split(";")[0]
            asked["path"] = headers["location"]
            return self.ask(selector, connection, asked, begun)
        self.times.append(time.perf_counter() - begun)
        self.statuses.append(status)
        if self.waiting:
            self.ask(selector, connection, self.waiting.pop())
        else:
            selector.unregister(connection)
            connection.close()


def read_head(head: bytes) -> tuple[int, dict]:
    first, *lines = head.decode().split("\r\n")
    pairs = (line.split(": ", 1) for line in lines)
    return int(first.split()[1]), {name.lower(): value for name, value in pairs}


def show_a_million() -> bool:
    """One poll of a million ballots among 3,000 others with ten each."""
    from django.db import connection, reset_queries

    from polls.counting import _lay_anew, polls_with_wrong_totals, rebuild_totals
    from polls.placing import PagePolls, one_poll

    forget_all()
    poll = make_poll()
    try:
        make_company()
        with connection.cursor() as cursor:
            begun = time.perf_counter()
            # Counted afterwards: a million updates of one row in one transaction take ages.
            cursor.execute("SET harbor.mixing_ballots = 'on'")
            cursor.execute(
                "INSERT INTO polls_ballot (poll_id, voter_key, choices)"
                " SELECT %s, sha256(n::text::bytea), ARRAY[1 + n %% 2]::smallint[]"
                " FROM generate_series(1, 1000000) AS n",
                [poll.pk],
            )
            print(f"a million ballots made in {time.perf_counter() - begun:.0f} s")
            cursor.execute("SET harbor.mixing_ballots = 'off'")
            cursor.execute("VACUUM ANALYZE polls_ballot, polls_tally, polls_poll, polls_choice")
        begun = time.perf_counter()
        rebuild_totals(poll)
        print(f"totals rebuilt in {time.perf_counter() - begun:.1f} s")
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")  # else the million is written to disk meanwhile
        slowest = {}
        for name, ask in (("results", lambda: one_poll(poll.slug)), ("a page", PagePolls)):
            times = []
            for _ in range(1000):
                begun = time.perf_counter()
                ask()
                times.append(time.perf_counter() - begun)
            times.sort()
            print(f"{name}: median {1000 * times[500]:.2f} ms, p99 {1000 * times[990]:.2f} ms")
            slowest[name] = times[990]
        connection.force_debug_cursor = True
        reset_queries()
        found = one_poll(poll.slug)
        asked = [query["sql"] for query in connection.queries]
        print(f"{found.voters} voters, {len(asked)} query")
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, COSTS OFF) " + asked[0])
            plan = "\n".join(line for (line,) in cursor.fetchall())
        PLAN.write_text(f"## Results of a poll with a million ballots, among 3,000 polls\n{plan}\n")
        print(plan)
        begun = time.perf_counter()
        wrong = polls_with_wrong_totals()
        print(f"proved in {time.perf_counter() - begun:.1f} s, {len(wrong)} wrong")
        begun = time.perf_counter()
        print(f"{_lay_anew(poll)} ballots laid anew in {time.perf_counter() - begun:.1f} s")
        is_counted = found.voters == 1_000_000 and not wrong
        is_indexed = len(asked) == 1 and "Seq Scan" not in plan
        return is_counted and is_indexed and slowest["results"] < MOST_RESULTS
    finally:
        forget_all()


def make_company():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO polls_poll (kind, slug, question, context, min_choices, max_choices, note,"
            " opens_at, created_at, wording)"
            " SELECT 'this-or-that', 'bench-among-' || n, '?', '', 1, 1, '', now(), now(), 1"
            " FROM generate_series(1, 3000) AS n"
        )
        cursor.execute(
            "INSERT INTO polls_choice (poll_id, position, text, follow_text, follow_url)"
            " SELECT id, n, n::text, '', '' FROM polls_poll, generate_series(1, 2) AS n"
            " WHERE slug LIKE 'bench-among-%'"
        )
        cursor.execute(
            "INSERT INTO polls_ballot (poll_id, voter_key, choices)"
            " SELECT id, sha256(n::text::bytea), '{1}' FROM polls_poll, generate_series(1, 10) AS n"
            " WHERE slug LIKE 'bench-among-%'"
        )


def forget_all():
    """Of a run that was cut off, too."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET harbor.mixing_ballots = 'on'")
        bench = "(SELECT id FROM polls_poll WHERE slug LIKE 'bench-%')"
        for table in ("ballot", "tally", "hourcount", "mixing", "choice"):
            cursor.execute(f"DELETE FROM polls_{table} WHERE poll_id IN {bench}")
        cursor.execute("DELETE FROM polls_poll WHERE slug LIKE 'bench-%'")
        cursor.execute("SET harbor.mixing_ballots = 'off'")
        cursor.execute("VACUUM polls_ballot")


if __name__ == "__main__":
    main()

"""How many votes a second this site takes, and how fast it shows a million.

    .venv/bin/python tests/bench/votes.py [--votes 2000] [--connections 20] [--million]

Starts the site's own server (granian, as ``make run`` does, with two workers) on a loopback
port against the local database, lets as many visitors vote in one poll, one vote each, and
proves the totals. Every visitor has an address of their own, as behind a trusted proxy, and a
cookie that an earlier vote gave them; ``--first`` makes it their very first vote, which costs
one more answer. Leaves nothing behind.
"""

import argparse
import http.client
import os
import resource
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--votes", type=int, default=2000)
    options.add_argument("--connections", type=int, default=20)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--first", action="store_true")
    options.add_argument("--million", action="store_true")
    options = options.parse_args()
    with database():
        import django

        django.setup()
        if options.million:
            show_a_million()
        else:
            vote(options)


class database:
    """The embedded server, unless DATABASE_URL names another."""

    def __enter__(self):
        self.server = None
        if not os.environ.get("DATABASE_URL"):
            from advocacy_site import local_postgres

            self.server = local_postgres.LocalPostgres(ROOT / "var" / "postgres")
            os.environ["DATABASE_URL"] = self.server.url("harbor")
            self.server.enter()
            self.server.ensure_database("harbor")

    def __exit__(self, *_):
        if self.server:
            self.server.leave()


def make_poll():
    from django.utils import timezone

    from polls.models import Choice, Poll

    poll = Poll.objects.create(slug=f"bench-{os.getpid()}", question="?", opens_at=timezone.now())
    for position, text in enumerate(("Tea", "Coffee"), start=1):
        Choice.objects.create(poll=poll, position=position, text=text)
    return poll


def forget(poll):
    from polls.models import Ballot

    Ballot.objects.filter(poll=poll).delete()
    poll.delete()


def vote(options):
    from django.conf import settings
    from django.http import HttpResponse

    from polls.counting import polls_with_wrong_totals
    from polls.placing import one_poll
    from polls.voters import give_guest_cookie

    poll = make_poll()
    choices = [choice.pk for choice in poll.choices.all()]
    cookies = []
    for _ in range(options.votes):
        response = HttpResponse()
        give_guest_cookie(response)
        cookies.append(
            f"{settings.VOTE_COOKIE_NAME}={response.cookies[settings.VOTE_COOKIE_NAME].value}"
        )
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1",
         "--port", str(port), "--log-level", "warning", "--workers", str(options.workers),
         "--blocking-threads", "4", "--backpressure", "64", "--working-dir", str(ROOT),
         "advocacy_site.wsgi:application"]
    )  # fmt: skip
    try:
        wait_for(port)
        times, statuses = [], []
        queue = list(range(options.votes))

        def visitor():
            connection = http.client.HTTPConnection("127.0.0.1", port)
            while True:
                try:
                    n = queue.pop()
                except IndexError:
                    return
                path = f"/polls/{poll.slug}/vote/"
                body = urlencode({"choice": choices[n % 2], "next": "/"})
                headers = {
                    "Content-Type": "application/x-www-form-urlencoded",
                    "X-Forwarded-For": f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}",
                    "Sec-Fetch-Site": "same-origin",
                }
                if not options.first:
                    headers["Cookie"] = cookies[n]
                begun = time.perf_counter()
                status, answer = post(connection, path, body, headers)
                if status == 307:
                    headers["Cookie"] = answer["Set-Cookie"].split(";")[0]
                    status, answer = post(connection, answer["Location"], body, headers)
                times.append(time.perf_counter() - begun)
                statuses.append(status)

        for _ in range(50):  # warm: templates, connections
            c = http.client.HTTPConnection("127.0.0.1", port)
            c.request("GET", f"/polls/{poll.slug}/results/")
            c.getresponse().read()
        begun = time.perf_counter()
        threads = [threading.Thread(target=visitor) for _ in range(options.connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - begun
        times.sort()
        found = one_poll(poll.slug)
        print(
            f"{options.votes} votes over {options.connections} connections in {took:.2f} s: "
            f"{options.votes / took:.0f} a second"
        )
        print(
            f"median {1000 * statistics.median(times):.1f} ms, "
            f"p99 {1000 * times[int(len(times) * 0.99)]:.1f} ms, slowest {1000 * times[-1]:.1f} ms"
        )
        print(
            f"answers {sorted(set(statuses))}, counted {found.voters}: "
            f"{[choice.votes for choice in found.choice_list]}, "
            f"totals wrong in {len(polls_with_wrong_totals())} polls"
        )
    finally:
        server.terminate()
        server.wait()
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        each = 1000 * (spent.ru_utime + spent.ru_stime) / options.votes
        print(f"the server's processor time: {each:.2f} ms a vote, its start included")
        forget(poll)


def post(connection, path, body, headers):
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.headers


def show_a_million():
    from django.db import connection, reset_queries

    from polls.counting import mix_ballots, polls_with_wrong_totals, rebuild_totals
    from polls.placing import PagePolls, one_poll

    poll = make_poll()
    try:
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
            cursor.execute("VACUUM ANALYZE polls_ballot")
        begun = time.perf_counter()
        rebuild_totals(poll)
        print(f"totals rebuilt in {time.perf_counter() - begun:.1f} s")
        for name, ask in (("results", lambda: one_poll(poll.slug)), ("a page", PagePolls)):
            times = []
            for _ in range(200):
                begun = time.perf_counter()
                ask()
                times.append(time.perf_counter() - begun)
            times.sort()
            print(f"{name}: median {1000 * times[100]:.2f} ms, p99 {1000 * times[198]:.2f} ms")
        connection.force_debug_cursor = True
        reset_queries()
        found = one_poll(poll.slug)
        print(f"{found.voters} voters, {len(connection.queries)} query")
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, COSTS OFF) " + connection.queries[0]["sql"])
            print("\n".join(line for (line,) in cursor.fetchall()))
        begun = time.perf_counter()
        wrong = polls_with_wrong_totals()
        print(f"proved in {time.perf_counter() - begun:.1f} s, {len(wrong)} wrong")
        begun = time.perf_counter()
        print(f"{mix_ballots(poll)} ballots mixed in {time.perf_counter() - begun:.1f} s")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET harbor.mixing_ballots = 'on'")
            cursor.execute("DELETE FROM polls_ballot WHERE poll_id = %s", [poll.pk])
            cursor.execute("VACUUM polls_ballot")
        poll.delete()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()

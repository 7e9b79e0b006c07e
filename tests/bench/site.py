"""What a page costs, from the operating system's accounts: ``make bench``.

    python tests/bench/site.py                 # the table
    python tests/bench/site.py --only warm     # the rows whose names hold a word of these (a,b,c)
    python tests/bench/site.py --load          # writes and a mixed load instead

Starts the site's own production server (granian, two workers, production settings) on loopback
ports beside two plain ones, all on an embedded Postgres with scale data, and asks one at a time
over one connection, in rounds, so that a busy moment of the machine falls on all rows alike.
Processor time is that of all server processes and of Postgres, to the nanosecond, from
/proc/*/task/*/schedstat; what a process did that has ended is not in it, and the site keeps its
connections. "Cold" is with READER_CACHE=0: nothing is kept at all. "First reader after a comment"
is a page made anew in the site as it runs. Writes to var/bench only.
"""

import argparse
import http.client
import os
import random
import secrets
import socket
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
VAR = ROOT / "var" / "bench"
ROUNDS, FEWEST, ROUND_SECONDS = 5, 10, 0.6
SENT_BY_A_BROWSER = {"Host": "localhost", "X-Forwarded-Proto": "https", "Accept-Encoding": "br"}
FORM = SENT_BY_A_BROWSER | {
    "Content-Type": "application/x-www-form-urlencoded",
    "Origin": "https://localhost",
    "Sec-Fetch-Site": "same-origin",
}


def processor_seconds(processes) -> float:
    """Of all their threads, so far."""
    total = 0
    for process in processes:
        for account in Path(f"/proc/{process.pid}/task").glob("*/schedstat"):
            try:
                total += int(account.read_text().split()[0])
            except OSError:  # it has just ended
                continue
    return total / 1e9


def environment(url: str) -> dict:
    return os.environ | {
        "HARBOR_VAR": str(VAR),
        "DJANGO_SETTINGS_MODULE": "advocacy_site.settings.production",
        "DATABASE_URL": url,
        "SECRET_KEY": "for-measuring-only-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789",
        "ALLOWED_HOSTS": "localhost",
        "SITE_URL": "https://localhost",
        "DEFAULT_FROM_EMAIL": "Harbor <letters@harbor.example>",
        "TRUST_PROXY_TLS": "1",
        "TRUSTED_PROXIES": "127.0.0.0/8",
    }


class Server:
    """Granian with two workers, as in production."""

    def __init__(self, app: str, env: dict):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = psutil.Popen(
            [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host",
             "127.0.0.1", "--port", str(self.port), "--workers", "2", "--blocking-threads", "4",
             "--backpressure", "64", "--log-level", "warning", "--working-dir", str(ROOT),
             "--respawn-failed-workers", app],
            env=env, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def all(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def seconds(self) -> float:
        return processor_seconds(self.all())

    def ask(self, method, path, headers, body=None, connection=None):
        connection = connection or self.connection
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers

    def wait(self):
        for _ in range(300):
            try:
                return self.ask("GET", "/health/live", SENT_BY_A_BROWSER)
            except OSError:
                self.connection.close()
                time.sleep(0.1)
        raise SystemExit("The server did not start.")

    def end(self):
        self.connection.close()
        self.process.terminate()
        self.process.wait(20)


class Database:
    def __init__(self):
        from advocacy_site.local_postgres import LocalPostgres

        VAR.mkdir(parents=True, exist_ok=True)
        self.server = LocalPostgres(VAR / "postgres")
        self.server.enter()
        self.server.ensure_database("harbor")
        self.url = self.server.url("harbor")

    def seconds(self) -> float:
        postmaster = self.server._postmaster()
        return processor_seconds([postmaster, *postmaster.children()])

    def prepare(self, env):
        def manage(*words):
            subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=env, check=True,
                           stdout=subprocess.DEVNULL)  # fmt: skip

        local = env | {"DJANGO_SETTINGS_MODULE": "advocacy_site.settings.local"}
        env = local
        manage("migrate", "--verbosity", "0")
        if not (VAR / "loaded").exists():
            manage("demo_data", "--verbosity", "0")
            manage("scale_data", "--comments", "102200")
            (VAR / "loaded").write_text("")
        manage("collectstatic", "--no-input", "--verbosity", "0")


class Visitors:
    """Requests of people who differ: members with sessions, browsers with a vote cookie."""

    def __init__(self):
        from importlib import import_module

        from django.conf import settings
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.utils import timezone

        from articles.models import Article
        from community.comments.models import Comment
        from community.comments.openness import openness_of
        from community.members.models import Member
        from polls.models import Choice, Poll

        store = import_module(settings.SESSION_ENGINE).SessionStore
        self.token = secrets.token_hex(16)
        self.members = []
        writers = Member.objects.filter(email__startswith="scale-").order_by("pk")
        # Their words show at once, as those of most members do.
        writers.filter(trusted_at=None).update(trusted_at=timezone.now())
        for member in writers:
            session = store()
            session[SESSION_KEY] = str(member.pk)
            session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
            session[HASH_SESSION_KEY] = member.get_session_auth_hash()
            session["renewed"] = timezone.localdate().toordinal()
            session.save()
            cookies = (
                f"{settings.SESSION_COOKIE_NAME}={session.session_key};"
                f" {settings.CSRF_COOKIE_NAME}={self.token}"
            )
            self.members.append((cookies, made_a_minute_ago("comment:form").sign(str(member.pk))))
        self.rules = openness_of(Article.objects.get(slug="scale-200")).rules.number
        self.poll, _ = Poll.objects.get_or_create(
            slug="bench", defaults={"question": "?", "opens_at": timezone.now()}
        )
        if not self.poll.choices.exists():
            for position, text in enumerate(("Tea", "Coffee"), start=1):
                Choice.objects.create(poll=self.poll, position=position, text=text)
        self.choices = list(self.poll.choices.values_list("pk", flat=True))
        shown = Comment.objects.filter(article__slug="scale-2000", state="visible")
        self.comment = shown.latest("pk").pk
        self.numbers = iter(range(10**9))

    def elsewhere(self, headers) -> dict:
        n = secrets.randbits(24)
        return headers | {"X-Forwarded-For": f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"}

    def member(self) -> dict:
        return SENT_BY_A_BROWSER | {"Cookie": random.choice(self.members)[0]}

    def comment_on(self, slug="scale-200"):
        cookies, made = random.choice(self.members)
        body = {"text": f"Warm words {uuid.uuid4()}", "form_id": str(uuid.uuid4()), "made": made,
                "csrfmiddlewaretoken": self.token, "rules": self.rules}  # fmt: skip
        headers = self.elsewhere(FORM) | {"Cookie": cookies}
        return "POST", f"/articles/{slug}/conversation/", headers, urlencode(body)

    def vote(self):
        from django.conf import settings
        from django.http import HttpResponse

        from polls.voters import give_guest_cookie

        response = HttpResponse()
        give_guest_cookie(response)
        name = settings.VOTE_COOKIE_NAME
        headers = self.elsewhere(FORM) | {"Cookie": f"{name}={response.cookies[name].value}"}
        body = urlencode({"choice": random.choice(self.choices), "next": "/"})
        return "POST", f"/polls/{self.poll.slug}/vote/", headers, body

    def sign_up(self):
        from community.newsletter.wording import wording_in_force

        signer = made_a_minute_ago("newsletter:form")
        stamp = signer.sign_object({"wording": wording_in_force().number, "page": "/"})
        body = {"email": f"{uuid.uuid4().hex}@harbor.example", "choices": "letter", "stamp": stamp}
        return "POST", "/emails/", self.elsewhere(FORM), urlencode(body)


def made_a_minute_ago(salt: str):
    """Signs what a form carries; nobody who is a person sends it in the second it was made."""
    from django.core import signing

    signer = signing.TimestampSigner(salt=salt)
    signer.timestamp = lambda: signing.b62_encode(int(time.time()) - 60)
    return signer


# What a deed is answered with when it was done.
DONE = {
    "permalink": (302, b""),
    "vote": (302, b""),
    "comment": (303, b""),
    "signup": (200, b"<title>Check your email"),
}


def rows(servers, people) -> dict:
    """Name -> (server, a function that makes the next request, or the address of the page that
    changes with every comment)."""
    get = {
        "article, 0 comments": "/articles/scale-0/",
        "article, 200 comments": "/articles/scale-200/",
        "article, 2,000 comments": "/articles/scale-2000/",
        "article, 100,000 comments": "/articles/scale-100000/",
        "home": "/",
        "list of articles": "/articles/",
        "topic": "/topics/advocacy/",
        "poll": "/polls/tea-or-coffee/",
        "rules": "/rules/",
    }

    def page(path):
        return lambda: ("GET", path, SENT_BY_A_BROWSER, None)

    plain, django, warm, cold = servers
    found = {
        "bare WSGI constant": (plain, page("/")),
        "Django constant": (django, page("/constant")),
        "Django, one query": (django, page("/query")),
    }
    found |= {f"{name}, warm": (warm, page(path)) for name, path in get.items()}
    found |= {f"{name}, cold": (cold, page(path)) for name, path in get.items()}
    found |= {
        "search": (warm, page("/search/?q=scan")),
        "permalink": (warm, page(f"/comments/{people.comment}/")),
        "article, 200 comments, signed in": (
            warm,
            lambda: ("GET", "/articles/scale-200/", people.member(), None),
        ),
        "article, 200 comments, first reader after a comment": (warm, "/articles/scale-200/"),
        "article, 100,000 comments, first reader after a comment": (
            warm,
            "/articles/scale-100000/",
        ),
        "home, first reader after a comment": (warm, "/"),
        "vote": (warm, people.vote),
        "comment": (warm, lambda: people.comment_on("scale-2000")),
        "signup": (warm, people.sign_up),
    }
    return found


def measure(server, database, make, done) -> tuple[float, float, list[float], int]:
    """Milliseconds of processor (server, database) a request, its times, and bytes."""
    answer, says = done
    requests = [make() for _ in range(FEWEST)]
    before, kept, times, size = (server.seconds(), database.seconds()), 0, [], 0
    began = time.perf_counter()
    while kept < FEWEST or time.perf_counter() - began < ROUND_SECONDS:
        request = requests[kept] if kept < FEWEST else make()
        at = time.perf_counter()
        status, body, _ = server.ask(*request[:3], request[3])
        times.append(time.perf_counter() - at)
        if status != answer or says not in body:
            raise SystemExit(f"{request[1]} answered {status}: {body[:300]}")
        kept, size = kept + 1, len(body)
    spent = server.seconds() - before[0], database.seconds() - before[1]
    return 1000 * spent[0] / kept, 1000 * spent[1] / kept, times, size


def after_a_comment(server, database, people, path):
    """Each request is the first after somebody's comment on the very page: all but the
    conversation is remembered, and only the reader's share is counted."""
    slug = path.split("/")[2] if "scale" in path else "scale-200"
    spent, times, size = [0.0, 0.0], [], 0
    for _ in range(8):
        status, said, _ = server.ask(*people.comment_on(slug))
        if status != 303:
            raise SystemExit(f"a comment was answered {status}: {said[:300]}")
        time.sleep(0.06)
        before = server.seconds(), database.seconds()
        at = time.perf_counter()
        size = len(server.ask("GET", path, SENT_BY_A_BROWSER)[1])
        times.append(time.perf_counter() - at)
        spent[0] += server.seconds() - before[0]
        spent[1] += database.seconds() - before[1]
    return 125 * spent[0], 125 * spent[1], times, size


def table(found, database, people, only):
    wanted = [*only.split(","), "constant"]
    found = {name: row for name, row in found.items() if any(word in name for word in wanted)}
    results = {name: [] for name in found}
    for _ in range(ROUNDS):
        for name, (server, make) in found.items():
            if isinstance(make, str):
                results[name].append(after_a_comment(server, database, people, make))
            else:
                done = DONE.get(name, (200, b""))
                results[name].append(measure(server, database, make, done))
    bare = statistics.median(r[0] + r[1] for r in results["bare WSGI constant"])
    constant = statistics.median(r[0] + r[1] for r in results["Django constant"])
    print("| one reader at a time | server ms | database ms | sum: median (min to max) |"
          " × bare | × Django constant | p50 ms | p99 ms | bytes |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for name, rounds in results.items():
        sums = [r[0] + r[1] for r in rounds]
        times = sorted(t for r in rounds for t in r[2])
        whole = statistics.median(sums)
        print(
            f"| {name} | {statistics.median(r[0] for r in rounds):.2f} |"
            f" {statistics.median(r[1] for r in rounds):.2f} |"
            f" {whole:.2f} ({min(sums):.2f} to {max(sums):.2f}) |"
            f" {whole / bare:.1f} | {whole / constant:.1f} |"
            f" {1000 * times[len(times) // 2]:.1f} | {1000 * times[int(len(times) * 0.99)]:.1f} |"
            f" {rounds[-1][3]:,} |"
        )


def load(server, deeds, rate, seconds, connections=24):
    """``rate`` deeds a second (None: as fast as it goes) over a few connections; a request is
    late when its turn was. Returns the answers and their times."""
    statuses, times, lock = Counter(), [], threading.Lock()
    began, turns = time.perf_counter() + 0.2, iter(range(10**9))

    def visitor():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        while True:
            with lock:
                turn = next(turns)
            due = began + turn / rate if rate else time.perf_counter()
            if due > began + seconds:
                return
            request = random.choices(*zip(*deeds, strict=True))[0]()
            time.sleep(max(0, due - time.perf_counter()))
            try:
                status = server.ask(*request[:3], request[3], connection)[0]
            except (OSError, http.client.HTTPException):
                status = "no answer"
                connection.close()
            with lock:
                statuses[status] += 1
                times.append(time.perf_counter() - due)

    threads = [threading.Thread(target=visitor) for _ in range(connections)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    times.sort()
    return statuses, times


def loads(server, people, seconds):
    paths = ["/articles/scale-0/", "/articles/scale-200/", "/articles/scale-2000/", "/", "/rules/"]
    reads = [
        (lambda path=path: ("GET", path, SENT_BY_A_BROWSER, None), 19 / len(paths))
        for path in paths
    ]
    mixed = [*reads, (people.vote, 0.7), (people.comment_on, 0.2), (people.sign_up, 0.1)]
    trials = [
        ("comments", [(people.comment_on, 1)], 50, seconds / 4),
        ("votes", [(people.vote, 1)], 300, seconds / 4),
        ("signups", [(people.sign_up, 1)], 50, seconds / 4),
    ]
    statuses, times = load(server, mixed, None, seconds / 4)
    capacity = sum(statuses.values()) / (seconds / 4)
    print(f"capacity, 95% reads: {capacity:.0f} a second, {dict(statuses)}")
    trials.append(("95% reads at 70% of capacity", mixed, 0.7 * capacity, seconds))
    print("| load | asked a second | p50 ms | p99 ms | answers |\n|---|---|---|---|---|")
    for name, deeds, rate, lasts in trials:
        statuses, times = load(server, deeds, rate, lasts)
        print(
            f"| {name} | {rate:.0f} for {lasts:.0f} s | {1000 * times[len(times) // 2]:.1f} |"
            f" {1000 * times[int(len(times) * 0.99)]:.1f} | {dict(statuses)} |"
        )


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--only", default="")
    options.add_argument("--load", action="store_true")
    options.add_argument("--seconds", type=float, default=60)
    options = options.parse_args()
    database = Database()
    env = environment(database.url)
    os.environ.update(env)
    servers = []
    try:
        database.prepare(env)
        import django

        django.setup()
        people = Visitors()
        site = "advocacy_site.wsgi:application"
        if not options.load:
            servers.append(Server("tests.bench.plain:bare", env))
            servers.append(Server("tests.bench.plain:django_app", env | {"PLAIN": "django"}))
        servers.append(Server(site, env))
        if not options.load:
            servers.append(Server(site, env | {"READER_CACHE": "0"}))
        [server.wait() for server in servers]
        time.sleep(1)
        if options.load:
            loads(servers[0], people, options.seconds)
        else:
            table(rows(servers, people), database, people, options.only)
        memory = [p.memory_full_info() for p in servers[0 if options.load else 2].all()]
        print(
            f"\nall processes of the site: {sum(m.pss for m in memory) / 2**20:.0f} MiB shared out,"
            f" {sum(m.rss for m in memory) / 2**20:.0f} MiB resident; {time.strftime('%Y-%m-%d')},"
            f" {os.cpu_count()} processors, Python {sys.version.split()[0]}"
        )
    finally:
        [server.end() for server in servers]
        from django.db import connections

        connections.close_all()
        database.server.leave()


if __name__ == "__main__":
    main()

"""The site as in production, on a Postgres of its own, for tests that break things.

Two granian workers, production settings, the demonstration. Each test gets it whole.
"""

import http.client
import secrets
import subprocess
import threading
import time
from collections import Counter
from contextlib import suppress
from urllib.parse import urlencode

import psutil
import psycopg2
from django.core import signing

from advocacy_site.local_postgres import LocalPostgres
from tests.bench.site import FORM, SENT_BY_A_BROWSER, Server, environment
from tests.processes import wait_until

KEPT_PAGES = ["/", "/articles/tired-is-not-lazy/", "/rules/", "/polls/", "/talk/"]
UNKEPT_PAGE = "/search/?q=scan"
HEARS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'reader pages'"


class House:
    """The running site; ``folder`` is its HARBOR_VAR."""

    def __init__(self, folder, postgres: LocalPostgres):
        self.postgres, self.url = postgres, postgres.url("harbor")
        self.env = environment(self.url) | {"HARBOR_VAR": str(folder)}
        self.server = Server("advocacy_site.wsgi:application", self.env)
        self.wait_until_whole()
        # Known to both workers: asked until each has certainly made every page.
        for _ in range(12):
            for path in KEPT_PAGES:
                self.get(path)

    def wait_until_whole(self, others_than=frozenset()) -> float:
        """Seconds until two workers, none of them of ``others_than``, answer and hear changes."""

        def is_whole():
            with suppress(OSError, http.client.HTTPException):
                self.get("/")  # the first request of a worker makes it listen
            now = {worker.pid for worker in self.workers()}
            return len(now) == 2 and not now & others_than and len(self.ask(HEARS)) == 2

        return wait_until(is_whole, 60, "the site never had two workers that hear")

    def get(self, path):
        """(status, body, headers); the connection is a new one."""
        return self.send("GET", path, SENT_BY_A_BROWSER)

    def send(self, method, path, headers, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        try:
            return self.server.ask(method, path, headers, body, connection)
        finally:
            connection.close()

    def is_ready(self) -> bool:
        return self.get("/health/ready")[0] == 200

    def workers(self) -> list[psutil.Process]:
        """The processes that answer; the one above them only watches."""
        children = self.server.process.children()
        return [child for child in children if child.status() != psutil.STATUS_ZOMBIE]

    def ask(self, sql) -> set:
        """The first column; nothing while the database does not answer."""
        try:
            connection = psycopg2.connect(self.url, connect_timeout=5)
        except psycopg2.OperationalError:
            return set()
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return {row[0] for row in cursor.fetchall()}
        finally:
            connection.close()

    def signup(self, email):
        """What a browser sends for somebody who opened the form a minute ago."""
        [wording] = self.ask(
            "SELECT max(number) FROM policies_policyversion v JOIN policies_policy p"
            " ON p.id = v.policy_id WHERE p.kind = 'email-consent'"
        )
        signer = signing.TimestampSigner(key=self.env["SECRET_KEY"], salt="newsletter:form")
        signer.timestamp = lambda: signing.b62_encode(int(time.time()) - 60)
        stamp = signer.sign_object({"wording": wording, "page": "/"})
        return {"email": email, "choices": "letter", "stamp": stamp}

    def end(self):
        self.server.connection.close()
        self.server.process.terminate()
        try:
            self.server.process.wait(15)
        except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
            for process in self.server.all():
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self.server.process.wait()


class Crowd:
    """A few people who read on, and one who signs up again and again, while something happens.

    Every connection is a new one. Who gets no answer to a GET asks once more, as browsers do;
    how often that was is in ``asked_again``; ``failed`` counts the pages that did not come, by
    address. ``acknowledged`` holds the addresses of signups that
    the site said it took.
    """

    def __init__(self, house: House, paths, people=3, pause=0.02):
        self.house, self.paths, self.pause = house, paths, pause
        self.answers, self.forms, self.failed = Counter(), Counter(), Counter()
        self.slowest, self.asked_again, self.acknowledged = 0.0, 0, set()
        self.form = house.signup("")
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.read, args=(n,)) for n in range(people)]
        self.threads.append(threading.Thread(target=self.write))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.go_on(30)
        return self

    def __exit__(self, *_):
        self.is_over.set()
        for thread in self.threads:
            thread.join(60)

    def go_on(self, more):
        """Return when so many more pages were read and five more signups were answered."""
        pages, forms = self.answers.total() + more, self.forms.total() + 5
        wait_until(
            lambda: self.answers.total() >= pages and self.forms.total() >= forms,
            60,
            "the site did not go on",
        )

    def read(self, n):
        while not self.is_over.is_set():
            began, path = time.monotonic(), self.paths[n % len(self.paths)]
            status = self.read_once(path)
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.answers[status] += 1
            if status != 200:
                self.failed[path] += 1
            n += 1
            time.sleep(self.pause)

    def read_once(self, path):
        for _ in range(2):
            try:
                return self.house.get(path)[0]
            except (OSError, http.client.HTTPException):
                self.asked_again += 1
                time.sleep(0.05)
        return "no answer"

    def write(self):
        while not self.is_over.is_set():
            email = f"{secrets.token_hex(8)}@harbor.example"
            address = "10." + ".".join(str(part) for part in secrets.token_bytes(3))
            body = urlencode(self.form | {"email": email})
            try:
                status, page, _ = self.house.send(
                    "POST", "/emails/", FORM | {"X-Forwarded-For": address}, body
                )
            except (OSError, http.client.HTTPException):
                status, page = "no answer", b""  # she sees that, and it is not acknowledged
            self.forms[status] += 1
            if status == 200 and b"<title>Check your email" in page:
                self.acknowledged.add(email)
            time.sleep(self.pause)

    def lost(self) -> int:
        """How many acknowledged signups the database does not hold."""
        return len(self.acknowledged - self.house.ask("SELECT email FROM newsletter_subscriber"))

    def figures(self) -> str:
        return (
            f"pages {dict(self.answers)}, asked again {self.asked_again},"
            f" longest wait {self.slowest:.1f} s; signups {dict(self.forms)},"
            f" acknowledged {len(self.acknowledged)}, lost {self.lost()}"
        )

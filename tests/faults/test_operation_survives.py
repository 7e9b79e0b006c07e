"""Relay away, database read-only, hostile and slow clients, full disk: what people saw, what was
lost (nothing that was acknowledged), how long until well. Each test prints its figures.
"""

import contextlib
import http.client
import io
import os
import socket
import subprocess
import time
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django_tasks_db.models import DBTaskResult
from PIL import Image

from articles.models import Picture
from community.newsletter.models import ConsentRecord
from tests.factories import make_article, make_member, make_policy_version
from tests.mail_server import running_mail_server
from tests.processes import start_process, wait_until

__all__ = ["start_process"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]

GRANIAN = """
import os, runpy, sys
sys.argv = ["granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1",
    "--port", os.environ["SITE_PORT"], "--blocking-threads", "4", "--log-level", "warning",
    "advocacy_site.wsgi:application"]
runpy.run_module("granian", run_name="__main__")
"""
WORKER = """
from advocacy_site import schedule
from advocacy_site.workers import supervisor, tasks
schedule.all_jobs()
schedule._jobs.clear()
tasks.WAITS = (0.5, 0.5, 0.5, 60)
supervisor.Supervisor(tasks=True).run()
"""
SETTINGS = """
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
READER_CACHE = False
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "OPTIONS": {"host": "127.0.0.1", "port": int(os.environ["MAIL_PORT"]), "timeout": 5}}}
"""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Site:
    def __init__(self, port, words):
        self.port, self.words = port, words

    def ask(self, method, path, body=None, headers=()):
        """(status, text); the connection is a new one."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            given = {"Host": "localhost", "Sec-Fetch-Site": "same-origin"} | dict(headers)
            client.request(method, path, body, given)
            answer = client.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            client.close()

    def is_well(self):
        try:
            return self.ask("GET", "/articles/")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def sign_up(self, email):
        """As a person does who opened the form a minute ago."""
        signer = signing.TimestampSigner(salt="newsletter:form")
        signer.timestamp = lambda: signing.b62_encode(int(time.time() - 60))
        stamp = signer.sign_object({"wording": self.words.number, "page": "/emails/"})
        form = urlencode({"email": email, "choices": "letter", "stamp": stamp})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", "/emails/", form, kind)


@pytest.fixture
def mail_port():
    return free_port()


@pytest.fixture
def site(start_process, mail_port):
    make_article()
    make_policy_version("privacy")
    words = make_policy_version("email-consent", body="You ask us to send emails.\n")
    site = Site(free_port(), words)
    start_process(GRANIAN, SETTINGS, SITE_PORT=str(site.port), MAIL_PORT=str(mail_port))
    wait_until(site.is_well, 60)
    return site


def test_a_body_of_ten_megabytes_is_refused_and_the_site_stays_well(site):
    """It is answered, or cut off, before it was all sent."""
    size, sent, answer = 10 << 20, 0, b""
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as client:
        with contextlib.suppress(OSError):
            client.sendall(
                b"POST /emails/ HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n"
                b"Content-Length: %d\r\n\r\na=" % size
            )
            while sent < size - 2:
                sent += client.send(b"x" * min(65536, size - 2 - sent))
        with contextlib.suppress(OSError):
            answer = client.recv(100)
    print(f"10 MB form: {sent >> 10} KB were taken, then {answer[:12]!r}")
    assert not answer or answer.split()[1] in {b"400", b"413"}
    assert site.is_well()


def test_a_thousand_header_lines_are_answered_and_the_site_stays_well(site):
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as client:
        lines = "".join(f"X-{number}: y\r\n" for number in range(1000))
        client.sendall(f"GET / HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode())
        answer = client.recv(100)
    print(f"1,000 header lines: {answer[:12]!r}")
    assert not answer or answer.split()[1] in {b"200", b"400", b"431"}
    assert site.is_well()


def test_slow_clients_hold_nobody_up(site):
    slow = []
    for _ in range(50):
        client = socket.create_connection(("127.0.0.1", site.port))
        client.sendall(b"POST /emails/ HTTP/1.1\r\nHost: localhost\r\nContent-Le")
        slow.append(client)
    waits = []
    for _ in range(20):
        began = time.monotonic()
        assert site.is_well()
        waits.append(time.monotonic() - began)
    print(f"beside 50 slow clients: slowest of 20 pages {max(waits) * 1000:.0f} ms")
    assert max(waits) < 5
    for client in slow:
        client.close()


@contextmanager
def read_only_database():
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        cursor.execute(others)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
            cursor.execute(others)


def test_a_read_only_database_is_still_read(site):
    with read_only_database():
        wait_until(site.is_well)
        status, _ = site.sign_up("ann@example.com")
        assert status == 503  # never acknowledged, and nobody was too fast
        print(f"read-only: pages 200, a form {status}")
        assert site.is_well()
    assert not ConsentRecord.objects.exists()
    began = time.monotonic()
    wait_until(lambda: site.sign_up("ann@example.com")[0] < 400)
    print(f"well {time.monotonic() - began:.1f} s after it could be written again")
    assert ConsentRecord.objects.exists()


def test_while_the_mail_relay_is_away_signups_are_kept_and_mailed_later(
    site, start_process, mail_port
):
    start_process(WORKER, SETTINGS, MAIL_PORT=str(mail_port))
    assert site.sign_up("ann@example.com")[0] < 400
    wait_until(lambda: any(len(row.worker_ids) >= 2 for row in DBTaskResult.objects.all()))
    with running_mail_server(port=mail_port) as relay:
        took = wait_until(lambda: relay.mails)
        print(f"mailed {took:.1f} s after the relay was back (tries half a second apart)")
        wait_until(lambda: DBTaskResult.objects.successful().exists())
        assert [str(mail["To"]) for mail in relay.mails] == ["ann@example.com"]


@pytest.fixture
def small_disk(tmp_path):
    """One megabyte, really full when it is full."""
    folder = tmp_path / "small"
    folder.mkdir()
    if (
        os.geteuid()
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True
        ).returncode
    ):
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_backup_onto_a_full_disk_says_so_and_leaves_nothing(small_disk, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    (settings.MEDIA_ROOT / "large").write_bytes(os.urandom(3 << 20))
    with pytest.raises(CommandError, match="No backup was made"):
        call_command("backup", to=small_disk / "backups")
    assert list((small_disk / "backups").iterdir()) == []


def test_a_picture_onto_a_full_disk_is_refused_in_words_and_leaves_nothing(
    small_disk, settings, client
):
    settings.MEDIA_ROOT = small_disk
    filler = small_disk / "filler"
    filler.write_bytes(bytes(960 << 10))
    client.force_login(make_member(editor=True))
    noise = io.BytesIO()
    Image.effect_noise((400, 300), 90).save(noise, "PNG")

    def upload():
        file = SimpleUploadedFile("photo.png", noise.getvalue(), "image/png")
        return client.post("/admin/articles/picture/upload/", {"image": file}, secure=True)

    answer = upload()
    print(f"picture onto a full disk: {answer.status_code}, {answer.json()['image_code']}")
    assert answer.status_code == 400 and "no room" in answer.json()["image_code"]
    assert not Picture.objects.exists()
    assert [path.name for path in small_disk.rglob("*") if path.is_file()] == ["filler"]
    filler.unlink()
    assert upload().status_code == 200
    assert Picture.objects.get().image.size > 64 << 10

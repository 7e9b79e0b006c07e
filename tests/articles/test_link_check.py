"""Whether cited sources still answer. The web of these tests is a server on this machine."""

import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from typing import ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from articles.link_check import problem_with
from articles.models import SourceCheck
from articles.source_checks import (
    addresses_in,
    check_all_sources,
    check_sources,
    failing_sources,
)
from tests.factories import make_article

ANSWERS = {"/ok": 200, "/gone": 404, "/broken": 500, "/shy": 403}


class Web(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to"))
        elif self.path == "/inside":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/")
        elif self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
        else:
            self.send_response(ANSWERS.get(self.path, 404))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def web():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/ok", ""),
        ("/to/ok", ""),
        ("/shy", ""),
        ("/gone", "It answers with error 404."),
        ("/to/gone", "It answers with error 404."),
        ("/broken", "It answers with error 500."),
        ("/round", "It leads from one address to the next without end."),
    ],
)
def test_an_address_is_asked(web, path, said):
    assert problem_with(web + path, allow_private=True) == said


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fd00::1]/",
        "http://100.64.0.1/",
    ],
)
def test_a_private_network_is_never_asked(address):
    assert problem_with(address) == "It leads into a private network and is not asked."


def test_a_redirect_into_a_private_network_is_not_followed(web, monkeypatch):
    """The first address is let through here; the second is judged again."""
    from articles import link_check

    judge = link_check.judged_place

    def judged(host, port, allow_private):
        return judge(host, port, allow_private or host == "127.0.0.1")

    monkeypatch.setattr(link_check, "judged_place", judged)
    assert "private network" in problem_with(f"{web}/inside")


@pytest.mark.parametrize(
    "address", ["ftp://example.org/", "file:///etc/passwd", "http://", "http://[bad/", "x" * 50]
)
def test_what_is_no_address_on_the_web_is_not_asked(address):
    assert problem_with(address)


def test_addresses_are_found_without_the_marks_around_them():
    body = (
        "[A](https://a.example/x), <https://b.example>. See https://c.example/y_(z). "
        "(https://d.example/q)\n\n[^a]: Smith. [T](https://a.example/x)\n"
    )
    assert addresses_in(body) == [
        *("https://a.example/x", "https://b.example"),
        *("https://c.example/y_(z)", "https://d.example/q"),
    ]


@pytest.mark.django_db
def test_answers_are_kept_and_a_mended_text_is_forgiven(web, settings):
    settings.LINK_CHECK_MAY_ASK_PRIVATE = True
    article = make_article(body=f"A.[^a]\n\n[^a]: [S]({web}/gone) and {web}/ok.\n")
    make_article(draft=True, body=f"{web}/broken\n")
    assert check_sources() == 1
    first = SourceCheck.objects.get(address=f"{web}/gone")
    assert first.problem and first.failing_since
    out = StringIO()
    call_command("check_sources", stdout=out)
    assert "1 do not answer." in out.getvalue()
    assert SourceCheck.objects.get(pk=first.pk).failing_since == first.failing_since
    article.body = f"{web}/ok\n"
    article.save()
    assert check_sources() == 0
    assert list(SourceCheck.objects.values_list("address", "problem")) == [(f"{web}/ok", "")]


class Drip(BaseHTTPRequestHandler):
    """Sends a byte of its header again and again, each soon enough for a single read."""

    def do_GET(self):
        with suppress(OSError):
            for _ in range(200):
                self.wfile.write(b"H")
                time.sleep(0.05)

    def log_message(self, *args):
        pass


def test_a_server_that_drips_does_not_hold_the_worker(monkeypatch):
    monkeypatch.setattr("articles.link_check.MOST_SECONDS", 0.3)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Drip)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    began = time.monotonic()
    problem = problem_with(f"http://127.0.0.1:{server.server_port}/", allow_private=True)
    took = time.monotonic() - began
    server.shutdown()
    server.server_close()
    assert problem.startswith("It did not answer within") and took < 3


class Noted:
    """Stands for a connection and notes what is asked over it."""

    asked: ClassVar[dict] = {}

    def __init__(self, *args):
        Noted.asked["connected"] = args

    def request(self, method, path, headers):
        Noted.asked |= {"path": path, "host": headers["Host"]}

    def getresponse(self):
        raise ConnectionResetError

    def close(self):
        pass


@pytest.mark.parametrize(
    ("address", "path", "host"),
    [
        ("https://de.wikipedia.org/wiki/Brüste", "/wiki/Br%C3%BCste", "de.wikipedia.org"),
        ("https://a.example/%C3%BC?q=a+b&c=1", "/%C3%BC?q=a+b&c=1", "a.example"),
        ("https://bücher.example:8443/", "/", "xn--bcher-kva.example:8443"),
        ("https://日本.example/", "/", "xn--wgv71a.example"),
    ],
)
def test_addresses_in_other_scripts_are_asked_as_they_are_meant(monkeypatch, address, path, host):
    monkeypatch.setattr("articles.link_check.judged_place", lambda *args: "192.0.2.1")
    monkeypatch.setattr("articles.link_check.connect", Noted)
    assert problem_with(address) == "It cannot be reached."
    assert (Noted.asked["path"], Noted.asked["host"]) == (path, host)


def places(*addresses):
    def resolve(host, port, **options):
        kind = socket.AF_INET6 if ":" in addresses[0] else socket.AF_INET
        return [(kind, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


def test_one_private_place_among_several_is_enough_to_refuse(monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", places("93.184.216.34", "10.0.0.1"))
    assert "private network" in problem_with("http://both.example/")


def test_the_connection_goes_to_the_place_that_was_judged(monkeypatch):
    """A name that answers otherwise the second time (DNS rebinding) gains nothing."""
    went_to = []

    def connect(place, timeout):
        went_to.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr("socket.getaddrinfo", places("93.184.216.34"))
    monkeypatch.setattr("socket.create_connection", connect)
    assert problem_with("http://rebinding.example/") == "It cannot be reached."
    assert went_to == [("93.184.216.34", 80)]


def self_signed(folder):
    """The files of a key and of a certificate for localhost that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    kind = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *kind))
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    return folder / "key.pem", folder / "certificate.pem"


def test_a_certificate_of_nobody_is_not_taken(tmp_path):
    key, certificate = self_signed(tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    problem = problem_with(f"https://localhost:{server.server_port}/ok", allow_private=True)
    server.shutdown()
    server.server_close()
    assert problem == "Its certificate is not valid."


@pytest.mark.django_db
def test_an_address_longer_than_an_index_holds_does_not_end_the_round(monkeypatch):
    monkeypatch.setattr("articles.source_checks.problem_with", lambda address, **more: "")
    letters = "".join(chr(0x4E00 + number) for number in range(1900))
    body = f"See <https://a.example/{letters}> and <https://b.example/>.\n"
    make_article(body=body)
    assert addresses_in(body) == ["https://b.example/"]
    check_sources()
    assert SourceCheck.objects.get().address == "https://b.example/"


@pytest.mark.django_db
def test_sources_of_what_is_withdrawn_bother_nobody():
    article = make_article(withdrawn=True)
    now = timezone.now()
    SourceCheck.objects.create(
        article=article,
        address="https://a.example/",
        checked_at=now,
        problem="Gone.",
        failing_since=now,
    )
    assert not failing_sources().exists()


@pytest.mark.django_db(transaction=True)
def test_a_round_that_is_running_is_not_started_again(monkeypatch):
    """However often the button is pressed."""
    rounds = []

    def second_press():
        rounds.append(check_all_sources.call())
        connection.close()

    def check():
        rounds.append("first")
        thread = threading.Thread(target=second_press)
        thread.start()
        thread.join()
        return 7

    monkeypatch.setattr("articles.source_checks.check_sources", check)
    assert check_all_sources.call() == 7
    assert rounds == ["first", 0]

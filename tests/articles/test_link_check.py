"""Whether cited sources still answer. The web of these tests is a server on this machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.core.management import call_command

from articles.link_check import problem_with
from articles.models import SourceCheck
from articles.source_checks import addresses_in, check_sources
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

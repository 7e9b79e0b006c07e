"""A letter as bytes, ready for the mail server, at the price of a few string replacements.

The mail library builds and checks the message once for each kind of reader (100,000 times
would cost minutes); for each person only the four lines that name her and her two links are
put in. Both parts travel as base64, so that filling in a link can break no line.
"""

from base64 import encodebytes
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage as Message
from email.policy import SMTP
from email.utils import localtime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from advocacy_site.mail import AUTO_SUBMITTED
from advocacy_site.site_url import absolute

from . import tokens
from .models import Issue
from .writing import Letter, Written


class ReadyMessage(EmailMessage):
    """Bytes that are finished, in the shape every mail backend of Django takes."""

    def __init__(self, raw: bytes, to: str):
        super().__init__(to=[to])
        self.raw = raw

    def message(self, *, policy=None):
        return self

    def as_bytes(self) -> bytes:
        return self.raw


@dataclass(frozen=True)
class Person:
    """What sending needs to know of a subscriber and her delivery."""

    delivery: int
    email: str
    key_hex: str


class Envelope:
    """One kind of reader's letter; ``seal`` makes it one person's."""

    def __init__(self, issue: Issue, written: Written):
        self.issue = issue
        self.written = written
        self.domain = urlsplit(settings.SITE_URL).hostname
        self.boundary = f"harbor-letter-{issue.pk}"
        self.common = self._common_headers()

    def seal(self, person: Person) -> ReadyMessage:
        settings_token = tokens.signer("settings").sign(person.key_hex)
        stop_token = tokens.signer("stop").sign(person.key_hex)
        written = self.written.for_person(settings_token, stop_token)
        stop_url = absolute(f"/emails/stop/{stop_token}/")
        personal = (
            f"To: {address(person.email)}\r\n"
            f"Message-ID: {message_id(person.delivery, self.domain)}\r\n"
            f"List-Unsubscribe: <{stop_url}>\r\n"
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        )
        raw = personal.encode("ascii") + self.common + self._body(written)
        return ReadyMessage(raw, person.email)

    def _common_headers(self) -> bytes:
        """Built by the library, so a line break in a subject is refused and not sent."""
        message = Message(policy=SMTP)
        message["Subject"] = self.written.subject
        message["From"] = settings.DEFAULT_FROM_EMAIL
        if settings.REPLY_TO_EMAIL:
            message["Reply-To"] = settings.REPLY_TO_EMAIL
        message["Date"] = localtime()
        message["List-Id"] = f"{settings.SITE_NAME} <{self.issue.kind}.{self.domain}>"
        message["Precedence"] = "bulk"
        for name, value in AUTO_SUBMITTED.items():
            message[name] = value
        message["MIME-Version"] = "1.0"
        return message.as_bytes().removesuffix(b"\r\n")

    def _body(self, written: Written) -> bytes:
        text = part("plain", written.text)
        if not written.html:
            return text
        boundary = self.boundary.encode()
        return b"".join(
            [
                b'Content-Type: multipart/alternative; boundary="%s"\r\n\r\n' % boundary,
                b"--%s\r\n" % boundary,
                text,
                b"--%s\r\n" % boundary,
                part("html", written.html),
                b"--%s--\r\n" % boundary,
            ]
        )


def part(kind: str, words: str) -> bytes:
    body = encodebytes(words.replace("\n", "\r\n").encode()).replace(b"\n", b"\r\n")
    return (
        b'Content-Type: text/%s; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        % kind.encode()
        + body
    )


def address(email: str) -> str:
    """The address as a header may hold it; raises ValueError for what is none (no injection)."""
    local, _, domain = email.rpartition("@")
    if local.startswith('"') and local.endswith('"'):
        local = local[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return Address(username=local, domain=domain).addr_spec


def message_id(delivery: int, domain: str) -> str:
    """The same for every try of a delivery: a mail system can tell a second one from a new one."""
    return f"<letter.{tokens.delivery_mark(delivery)}@{domain}>"


class Envelopes:
    """The envelopes of one letter, made when the first reader of a kind comes up."""

    def __init__(self, letter: Letter):
        self.letter = letter
        self.kinds: dict = {}

    def seal(self, person: Person, left_out: frozenset[str], discreet: bool, text_only: bool):
        """Her message; None where nothing is left without the topics she left out."""
        kind = (left_out & self.letter.topics, discreet, text_only)
        if kind not in self.kinds:
            left, discreet, text_only = kind
            if not self.letter.parts_without(left):
                self.kinds[kind] = None
                return None
            written = self.letter.for_reader(left_out=left, discreet=discreet, text_only=text_only)
            self.kinds[kind] = Envelope(self.letter.issue, written)
        envelope = self.kinds[kind]
        return envelope and envelope.seal(person)

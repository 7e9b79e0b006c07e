"""A real mail server for the tests: it speaks SMTP on a port of its own and keeps what came."""

import re
import socket
import time
from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller


class MailServer:
    """``mails`` are the messages taken, in order, ``arrived`` when (time.time()). ``answers`` maps
    a phase ("MAIL", "RCPT", "DATA") to a function of the address that returns an SMTP answer,
    or None to go on."""

    def __init__(self):
        self.mails = []
        self.arrived = []
        self.envelopes = []
        self.answers = {}
        self.connections = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if answer := self.answers.get("RCPT", lambda a: None)(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        address = envelope.rcpt_tos[0]
        answer = self.answers.get("DATA", lambda a: None)(address)
        if callable(answer):
            answer = await answer(self, server, envelope)
        if answer:
            return answer
        self.take(envelope)
        return "250 OK"

    def take(self, envelope):
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        self.arrived.append(time.time())
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))

    def to(self, address):
        return [mail for mail in self.mails if mail["To"] == address]

    @property
    def last(self):
        return self.mails[-1] if self.mails else None


@contextmanager
def running_mail_server(**options):
    handler = MailServer()
    handler.port = options.pop("port", None) or free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port, **options)
    controller.start()
    handler.controller = controller
    try:
        yield handler
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def mailers(port, **options):
    return {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port, "timeout": 5, **options},
        }
    }


def text_of(mail) -> str:
    return mail.get_body(preferencelist=("plain",)).get_content()


def links_of(mail) -> list[str]:
    """Every address in the text and the HTML part, as a scanner would find them."""
    words = text_of(mail)
    if html := mail.get_body(preferencelist=("html",)):
        words += html.get_content()
    return re.findall(r"https?://[^\s\"'<>]+", words)


def link_of(mail, part: str) -> str:
    return next(link for link in links_of(mail) if part in link)

"""The mail a local run would have sent, as pages. In local settings only (SHOW_MAILBOX)."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.urls import path, reverse

# Django's file backend puts a line of 79 hyphens after each message.
BETWEEN_MESSAGES = re.compile(rb"\n-{79}\n")


@dataclass(frozen=True)
class Mail:
    """One message: the file it is in, and its place there, from 1."""

    file: str
    number: int
    message: EmailMessage

    def get_absolute_url(self):
        return reverse("mailbox-mail", args=[self.file, self.number])

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def subject(self) -> str:
        return str(self.message.get("Subject", "(no subject)"))

    @property
    def recipients(self) -> str:
        return str(self.message.get("To", ""))

    @property
    def date(self) -> str:
        return str(self.message.get("Date", ""))

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return part.get_content() if part is not None else ""


def mails() -> list[Mail]:
    """All mails, newest first."""
    files = settings.MAIL_FOLDER.glob("*.log")
    oldest_first = sorted(files, key=lambda file: (file.stat().st_mtime_ns, file.name))
    return [mail for file in reversed(oldest_first) for mail in reversed(mails_in(file))]


def mails_in(file: Path) -> list[Mail]:
    sources = [source for source in BETWEEN_MESSAGES.split(file.read_bytes()) if source.strip()]
    return [
        Mail(file.stem, number, message_from_bytes(source, policy=policy.default))
        for number, source in enumerate(sources, start=1)
    ]


def mailbox(request):
    return render(request, "mailbox/mailbox.html", {"mails": mails()})


def mail(request, file, number):
    found = next((mail for mail in mails() if (mail.file, mail.number) == (file, number)), None)
    if found is None:
        raise Http404
    return render(request, "mailbox/mail.html", {"mail": found})


urlpatterns = [
    path("", mailbox, name="mailbox"),
    path("<slug:file>/<int:number>/", mail, name="mailbox-mail"),
]

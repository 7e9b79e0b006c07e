import time

import pytest
from django.core import signing

from tests.factories import make_policy_version
from tests.mail_server import mailers, running_mail_server


@pytest.fixture
def post(settings):
    """A real mail server; the site sends there, and tasks run at once."""
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
    with running_mail_server() as server:
        settings.MAILERS = mailers(server.port)
        yield server


@pytest.fixture
def words(db):
    """The consent sentence and the privacy policy, posted."""
    make_policy_version("privacy")
    version = make_policy_version("email-consent", body="You ask us to send emails.\n")
    yield version


@pytest.fixture
def old_stamp(words):
    """What a form carries that was opened a minute ago on the page given."""

    def stamp(page="/emails/", seconds=60, **facts):
        signer = signing.TimestampSigner(salt="newsletter:form")
        signer.timestamp = lambda: signing.b62_encode(int(time.time() - seconds))
        return signer.sign_object({"wording": words.number, "page": page} | facts)

    return stamp


@pytest.fixture
def sign_up(client, old_stamp):
    def post_form(email, choices=("letter",), client=client, **fields):
        sent = {"email": email, "choices": list(choices), "stamp": old_stamp()} | fields
        return client.post("/emails/", sent, secure=True)

    return post_form

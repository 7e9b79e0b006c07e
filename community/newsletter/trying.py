"""A try of a letter, to an editor's own address. It counts nothing and links to no one."""

from django.core.mail import mailers

from .envelope import Envelopes, Person
from .models import Issue
from .writing import write_letter

NOBODY = "0" * 32


def send_a_try(issue: Issue, address: str, *, discreet: bool = False) -> None:
    """Raises what the mail server answers (OSError, SMTPException)."""
    envelopes = Envelopes(write_letter(issue))
    message = envelopes.seal(Person(0, address, NOBODY), frozenset(), discreet, False)
    mailers.default.send_messages([message])

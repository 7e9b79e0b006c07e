"""What came with a form: read without trust, given back as it was typed."""

import uuid
from dataclasses import dataclass, field

from django.core import signing
from django.utils import timezone

from . import words as rules_of_words
from .models import Hold
from .screening import refusal

MOST_NOTE = 80
# Nothing longer is read further; it is given back so that nothing typed is lost.
MOST_KEPT = 100_000
# Nobody opens the box, writes and presses the button faster than this.
FASTEST_SECONDS = 2
_signer = signing.TimestampSigner(salt="comment:form")


@dataclass
class Words:
    """``errors`` maps a field to its sentence."""

    text: str = ""
    content_note: str = ""
    form_id: str = ""
    accepted: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    preview_html: str = ""
    made: str = ""  # signed: for whom the form was made, and when
    website: str = ""  # people do not see this field; programs fill in everything

    @classmethod
    def sent_by(cls, data) -> "Words":
        return cls(
            text=rules_of_words.tidy(data.get("text", "")[:MOST_KEPT]),
            content_note=" ".join(data.get("content_note", "")[:MOST_KEPT].split()),
            form_id=data.get("form_id", ""),
            accepted=data.get("rules", ""),
            made=data.get("made", "")[:200],
            website=data.get("website", "")[:200],
        )

    def check(self, *, called="comment") -> bool:
        """Look at the words themselves; tell whether they can be posted."""
        if problem := rules_of_words.problem_with(self.text, called=called):
            self.errors["text"] = problem
        if len(self.content_note) > MOST_NOTE:
            self.errors["content_note"] = f"Use {MOST_NOTE} characters or fewer."
        elif any(ord(character) < 32 for character in self.content_note):
            self.errors["content_note"] = "Remove the unprintable characters."
        if not self.errors and (refused := refusal(self.text, self.content_note)):
            self.errors["text"] = refused
        return not self.errors

    def check_accepted(self, rules, *, must_accept: bool) -> bool:
        if must_accept and self.accepted != str(rules.pk):
            self.errors["rules"] = "Read our rules, then tick the box"
        return not self.errors

    def preview(self) -> None:
        if self.check():
            self.preview_html = rules_of_words.body_html(self.text, self.content_note)
        elif self.text == "":
            self.errors = {}

    def new_form(self) -> None:
        self.form_id = str(uuid.uuid4())

    def sign_for(self, member) -> None:
        self.made = _signer.sign(str(member.pk))

    def signs(self, member) -> list[str]:
        """Why a moderator should look: it seems that no person filled in this form."""
        try:
            whose = _signer.unsign(self.made)
            made_at = signing.b62_decode(self.made.rsplit(":", 2)[1])
        except (signing.BadSignature, ValueError):
            return [Hold.Reason.PROGRAM]
        is_fast = timezone.now().timestamp() - made_at < FASTEST_SECONDS
        if self.website or whose != str(member.pk) or is_fast:
            return [Hold.Reason.PROGRAM]
        return []

    @property
    def uuid(self) -> uuid.UUID | None:
        try:
            return uuid.UUID(self.form_id)
        except ValueError:
            return None

    @property
    def length(self) -> str:
        return rules_of_words.length_in_words(self.text)

"""Names people are seen by: what may be one, when to ask twice, and the address made of it."""

import re
import secrets
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.text import slugify

NAME_LIMIT = 40
HANDLE_LIMIT = 30
# Names that would make people believe someone works here.
OF_STAFF = {"admin", "administrator", "moderator", "mod", "staff", "support", "editor", "harbor"}
_LINE = re.compile(r"[\s_]+")


def clean_name(text: str) -> str:
    """The name as it will be shown, or a ValidationError that says what to do.

    Characters nobody can see are dropped: they would make two names look the same or turn
    the text around them. Joiners between emoji stay.
    """
    name = "".join(c for c in unicodedata.normalize("NFC", text) if _is_kept(c))
    name = " ".join(name.split()).strip("\u200d\ufe0f ")
    if not any(unicodedata.category(c)[0] in "LNS" for c in name):
        raise ValidationError("Enter a name with at least one letter.")
    if len(name) > NAME_LIMIT:
        raise ValidationError(
            f"Name must be {NAME_LIMIT} characters or less. You have {len(name)}."
        )
    if sum(unicodedata.combining(c) > 0 for c in name) > len(name) // 2:
        raise ValidationError("Enter a name with fewer marks above and below the letters.")
    if "@" in name or "://" in name:
        raise ValidationError("Enter a name that is not an address. Others will see it.")
    if OF_STAFF & set(slugify(name).split("-")):
        raise ValidationError("Choose another name. This one looks like someone who works here.")
    return name


def _is_kept(character: str) -> bool:
    return character in "\u200d\ufe0f" or unicodedata.category(character)[0] not in "C"


def worry_about(name: str, email: str) -> str:
    """Why this name may say more than its owner wants: "full-name", "email" or "".

    A worry is shown once and never in the way: people may have their reasons.
    """
    local = _letters(email.partition("@")[0])
    plain = _letters(name)
    if len(plain) >= 4 and len(local) >= 4 and (plain in local or local in plain):
        return "email"
    words = name.replace("-", " ").split()
    if len(words) >= 2 and all(_looks_like_a_name(word) for word in words[:3]):
        return "full-name"
    return ""


def _looks_like_a_name(word: str) -> bool:
    letters = [c for c in word if c.isalpha()]
    return len(letters) >= 2 and len(letters) >= len(word) - 1 and word[:1].isupper()


def _letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if c.isalnum())


def handle_for(name: str, *, is_taken) -> str:
    """A free handle: the name in small letters, with a few more characters where it is taken."""
    base = slugify(_LINE.sub("-", name))[: HANDLE_LIMIT - 6].strip("-") or "member"
    handle = base if base != "member" else _longer(base)
    while is_taken(handle):
        handle = _longer(base)
    return handle


def _longer(base: str) -> str:
    return f"{base}-{secrets.token_hex(2)}"


def clean_text(text: str) -> str:
    """Words as they will be kept: without characters nobody can see or that turn the text
    around, with plain line ends."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in text if c == "\n" or _is_kept(c)).strip()

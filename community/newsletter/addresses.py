"""What people type as an address: read it, question it, mask it, remember it without keeping it."""

import hashlib
import hmac
import re
import unicodedata
from contextlib import suppress
from difflib import get_close_matches

from django.conf import settings
from django.utils.encoding import punycode

# Where most people have their mail. A near miss is questioned, never corrected on its own.
COMMON_DOMAINS = [
    "aol.com", "att.net", "comcast.net", "fastmail.com", "gmail.com", "gmx.com", "gmx.de",
    "gmx.net", "googlemail.com", "hotmail.com", "hotmail.co.uk", "icloud.com", "live.com",
    "mac.com", "mail.com", "me.com", "msn.com", "outlook.com", "proton.me", "protonmail.com",
    "sbcglobal.net", "verizon.net", "web.de", "yahoo.ca", "yahoo.co.uk", "yahoo.com",
    "ymail.com", "zoho.com",
]  # fmt: skip
# Real domains that only look like a slip of the finger.
NOT_A_SLIP = {
    "aim.com", "email.com", "gmx.at", "gmx.ch", "gmx.fr", "gmx.us", "hotmail.de", "hotmail.es",
    "hotmail.fr", "hotmail.it", "live.ca", "live.de", "live.fr", "mae.com", "mail.de", "mail.ru",
    "msu.com", "outlook.de", "outlook.es", "outlook.fr", "web.com", "yahoo.de", "yahoo.es",
    "yahoo.fr", "yahoo.in", "yahoo.it", "ymail.co",
}  # fmt: skip


def normalize(address: str) -> str:
    """One spelling for one mailbox: composed letters, the domain in the form mail travels in.

    The part before the @ keeps its case; two spellings that differ in case alone are one
    subscriber, by a constraint. Raises UnicodeError for a domain that cannot exist, and for
    other letters before the @: mail does not reach them yet, and some are ASCII once upper-cased
    ("ſ"), so that two spellings would be one person or not, as the database sees it.
    """
    local, _, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    local.encode("ascii")
    return f"{local}@{punycode(domain.lower())}"


def one_mailbox(address: str) -> str:
    """For limits alone: the address without what most systems ignore ("wren+news@")."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def likely_meant(address: str) -> str | None:
    """The address she may have meant: "wren@gmial.com" -> "wren@gmail.com"; else None."""
    local, _, domain = address.rpartition("@")
    domain = domain.lower()
    if domain in COMMON_DOMAINS or domain in NOT_A_SLIP:
        return None
    close = get_close_matches(domain, COMMON_DOMAINS, n=1, cutoff=0.86)
    return f"{local}@{close[0]}" if close else None


def masked(address: str) -> str:
    """Enough for her to know it, too little for someone else: "w•••@example.com"."""
    local, _, domain = shown(address).rpartition("@")
    return f"{local[:1]}•••@{domain}"


def shown(address: str) -> str:
    """As people write it: "wren@xn--exmple-cua.de" -> "wren@exämple.de"."""
    local, _, domain = address.rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("ascii").decode("idna")
    return f"{local}@{domain}"


def digests(address: str) -> list[bytes]:
    """Keyed hashes of an address, the one for new rows first, then those of earlier secrets."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    message = b"newsletter-suppression:" + address.lower().encode()
    return [hmac.digest(secret.encode(), message, hashlib.sha256) for secret in secrets]


def without_addresses(words: str) -> str:
    """What a mail server said, without the address it repeats: "550 <…>: no such user"."""
    return re.sub(r"[^\s<>()\[\],;:\"']*@[^\s<>()\[\],;\"']*", "…", words)

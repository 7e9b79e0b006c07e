"""Codes by mail: send one, check one.

allauth has codes too. Ours differ where it matters here: no account exists before the code
is right, so nobody can put a name and a consent under an address that is not theirs; tries
are counted in the database, so that many requests at once do not have more of them; joining
with a known address mails that person a code to sign in instead of a dead end.
"""

import hashlib
import hmac
import re
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from advocacy_site import mail

from .models import EmailedCode, Member

LENGTH = 8
MINUTES = 10
# No vowels, so no words; no 0 O 1 I L, which look alike on paper and on small screens.
ALPHABET = "BCDFGHJKMNPQRSTVWXZ23456789"
Purpose = EmailedCode.Purpose


def send_code(purpose: str, email: str, *, display_name: str = "", rules=None) -> EmailedCode:
    """Mail a code for signing in or joining; return what the asking browser must hold on to.

    What is mailed depends on whether the address is known, and nothing else does.
    """
    member = Member.objects.filter(email__iexact=email).first()
    row, code = _new(purpose, email, display_name=display_name, rules=rules)
    context = {"code": spaced(code), "minutes": MINUTES}
    if member is not None:
        if member.may_sign_in:
            mail.send("sign-in-code", member.email, {**context, "joining": purpose == Purpose.JOIN})
        else:
            _spoil(row)
    elif purpose == Purpose.JOIN:
        mail.send("join-code", email, context)
    else:
        _spoil(row)
        mail.send("no-account", email, {})
    return row


def send_change_codes(member: Member, new_email: str) -> tuple[EmailedCode, EmailedCode]:
    """Mail one code to the old and one to the new address: both must agree to a change."""
    old, old_code = _new(Purpose.CHANGE_EMAIL_OLD, member.email, member=member)
    new, new_code = _new(Purpose.CHANGE_EMAIL_NEW, new_email, member=member)
    mail.send("change-email-old", member.email, {"code": spaced(old_code), "minutes": MINUTES})
    if Member.objects.filter(email__iexact=new_email).exists():
        _spoil(new)
        mail.send("change-email-taken", new_email, {})
    else:
        mail.send("change-email-new", new_email, {"code": spaced(new_code), "minutes": MINUTES})
    return old, new


def send_confirm_code(member: Member) -> EmailedCode:
    """Mail a code to the owner of an open session, to show that it is still the owner."""
    row, code = _new(Purpose.CONFIRM, member.email, member=member)
    mail.send("confirm-code", member.email, {"code": spaced(code), "minutes": MINUTES})
    return row


def waiting(key) -> EmailedCode | None:
    """The code this browser asked for, while it can still be used."""
    if not key:
        return None
    return EmailedCode.objects.filter(
        key=key, expires_at__gt=timezone.now(), tries_left__gt=0
    ).first()


@transaction.atomic
def use_code(key, typed: str) -> tuple[EmailedCode | None, int]:
    """Use up a code: (its row, 0) when right, (None, tries left) when wrong or over.

    A right code is gone with its first use. The row is locked, so that tries at the same
    moment are counted one by one.
    """
    row = EmailedCode.objects.select_for_update().filter(key=key).first()
    if row is None or row.expires_at <= timezone.now() or not row.tries_left:
        return None, 0
    if constant_time_compare(_hash(row.key, tidy(typed)), bytes(row.code_hash)):
        EmailedCode.objects.filter(key=key).delete()
        return row, 0
    row.tries_left -= 1
    row.save(update_fields=["tries_left"])
    return None, row.tries_left


@transaction.atomic
def is_right(key, typed: str) -> bool:
    """Check a code without using it up; a wrong one costs a try."""
    row = EmailedCode.objects.select_for_update().filter(key=key).first()
    if row is None or row.expires_at <= timezone.now() or not row.tries_left:
        return False
    if constant_time_compare(_hash(row.key, tidy(typed)), bytes(row.code_hash)):
        return True
    row.tries_left -= 1
    row.save(update_fields=["tries_left"])
    return False


def forget_old_codes() -> int:
    deleted, _ = EmailedCode.objects.filter(expires_at__lt=timezone.now()).delete()
    return deleted


def forget_codes_for(email: str) -> int:
    """After an account gave up an address, a code waiting there opens nothing."""
    return EmailedCode.objects.filter(email__iexact=email).delete()[0]


def spaced(code: str) -> str:
    return f"{code[:4]}-{code[4:]}"


def tidy(typed: str) -> str:
    """What was meant: any case, with or without the hyphen and spaces around it."""
    return re.sub(r"[\W_]+", "", typed[:100]).upper()


def _new(purpose: str, email: str, **fields) -> tuple[EmailedCode, str]:
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    row = EmailedCode(
        purpose=purpose,
        email=email,
        expires_at=timezone.now() + timedelta(minutes=MINUTES),
        **fields,
    )
    row.code_hash = _hash(row.key, code)
    row.save()
    return row, code


def _spoil(row: EmailedCode) -> None:
    """Nobody was mailed this code, so nothing may open it; wrong tries count as always."""
    row.code_hash = secrets.token_bytes(32)
    row.save(update_fields=["code_hash"])


def _hash(key, code: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"code:{key}:{code}".encode(), hashlib.sha256)

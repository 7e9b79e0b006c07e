"""Links that say who, and for what, and nothing else.

A token is a random name of a subscriber (or the number of a record) with a signature bound to
one purpose: a link to confirm cannot stop, a link to stop is no link to settings. (The page
behind the link to stop offers the settings, so whoever holds either can do both. Whatever ends
her mail is therefore told to her, with a way back.) Only the
confirming link grows old. Those for leaving work for good, also after the site's secret was
changed, as long as the old one stays in SECRET_KEY_FALLBACKS.
"""

import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, Signer, TimestampSigner
from django.utils.crypto import constant_time_compare

from .models import ConsentRecord, Subscriber, Suppression

CONFIRM_WITHIN = timedelta(days=7)


class BadToken(Exception):
    """Altered, made for something else, or of someone who is not here any more."""


class OldToken(BadToken):
    """Ours, but its time is over."""


class GoneToken(BadToken):
    """Ours, and of someone whose details are deleted."""


def signer(purpose: str, kind=Signer):
    return kind(salt=f"newsletter:{purpose}", sep=".")


def settings_token(subscriber: Subscriber) -> str:
    return signer("settings").sign(subscriber.key.hex)


def stop_token(subscriber: Subscriber) -> str:
    return signer("stop").sign(subscriber.key.hex)


def subscriber_by(purpose: str, token: str) -> Subscriber | None:
    """The subscriber a settings or stop link names; None when she asked us to forget her."""
    try:
        key = UUID(signer(purpose).unsign(token))
    except (BadSignature, ValueError) as error:
        raise BadToken from error
    return Subscriber.objects.filter(key=key).first()


def confirm_token(record: ConsentRecord) -> str:
    return signer("confirm", TimestampSigner).sign(str(record.pk))


def record_to_confirm(token: str) -> ConsentRecord:
    """What she asked for when this link was sent. Raises OldToken, BadToken."""
    try:
        number = int(signer("confirm", TimestampSigner).unsign(token, max_age=CONFIRM_WITHIN))
    except SignatureExpired as error:
        raise OldToken from error
    except (BadSignature, ValueError) as error:
        raise BadToken from error
    record = ConsentRecord.objects.select_related("subscriber").filter(pk=number).first()
    if record is None:
        raise GoneToken
    return record


def delivery_mark(delivery: int) -> str:
    """Goes into a Message-ID. A report that quotes it saw our mail: numbers can be counted up."""
    return f"{delivery}.{_delivery_mac(delivery, settings.SECRET_KEY)}"


def delivery_marked(number: str, mac: str) -> int | None:
    """The delivery of a mark, if it is ours."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if any(constant_time_compare(mac, _delivery_mac(int(number), key)) for key in secrets):
        return int(number)
    return None


def _delivery_mac(delivery: int, secret: str) -> str:
    message = f"newsletter-delivery:{delivery}".encode()
    return hmac.digest(secret.encode(), message, hashlib.sha256).hex()[:24]


def back_token(suppression: Suppression) -> str:
    return signer("back").sign(str(suppression.pk))


def suppression_by(token: str) -> Suppression | None:
    try:
        number = int(signer("back").unsign(token))
    except (BadSignature, ValueError) as error:
        raise BadToken from error
    return Suppression.objects.filter(pk=number).first()

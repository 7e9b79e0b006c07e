"""The consent sentence: a posted text like the others, so it is versioned and never changes.

Every article shows it, so it is kept in the process for a minute. A minute-old wording does
no harm: each form carries the number of the version it showed, and that one goes on record.
"""

import time

from django.db.models.signals import post_delete, post_save

from community.policies.models import Policy, PolicyVersion

KEPT_SECONDS = 60

_kept: tuple[float, PolicyVersion | None] | None = None


def wording_in_force() -> PolicyVersion | None:
    global _kept
    if _kept is None or time.monotonic() - _kept[0] > KEPT_SECONDS:
        version = PolicyVersion.objects.in_force(Policy.Kind.EMAIL_CONSENT)
        _kept = (time.monotonic(), version)
    return _kept[1]


def wording_number(number: int) -> PolicyVersion | None:
    """The version a form showed, if it is or was in force."""
    return (
        PolicyVersion.objects.published()
        .filter(policy__kind=Policy.Kind.EMAIL_CONSENT, number=number)
        .first()
    )


def privacy_policy() -> PolicyVersion | None:
    return PolicyVersion.objects.in_force(Policy.Kind.PRIVACY)


def forget(**kwargs) -> None:
    global _kept
    _kept = None


def forget_when_texts_change() -> None:
    for signal in (post_save, post_delete):
        signal.connect(forget, sender=PolicyVersion, dispatch_uid="newsletter-wording")

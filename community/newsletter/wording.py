"""The consent sentence: a posted text like the others, so it is versioned and never changes.

Every article shows it, so it is remembered until a posted text changes. An older wording does
no harm: each form carries the number of the version it showed, and that one goes on record.
"""

from advocacy_site.reader_cache import remembered
from community.policies.models import Policy, PolicyVersion


def wording_in_force() -> PolicyVersion | None:
    return remembered(
        ("consent wording",), lambda: PolicyVersion.objects.in_force(Policy.Kind.EMAIL_CONSENT)
    )


def wording_number(number: int) -> PolicyVersion | None:
    """The version a form showed, if it is or was in force."""
    return (
        PolicyVersion.objects.published()
        .filter(policy__kind=Policy.Kind.EMAIL_CONSENT, number=number)
        .first()
    )


def privacy_policy() -> PolicyVersion | None:
    return PolicyVersion.objects.in_force(Policy.Kind.PRIVACY)

"""Telling people before the privacy policy changes: one mail for each version that says so.

A person decides whether a change is one in substance, and makes the notice. It goes to everyone
whose confirmation stands, whatever she chose to get and whether or not she paused, and changes
nothing for anyone: silence is neither taken for a yes nor for a goodbye.
"""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from community.policies.models import Policy, PolicyVersion

from . import lifecycle
from .models import Issue

SUBJECT = "Our privacy policy will change"


def next_privacy_policy() -> PolicyVersion | None:
    """The version that has a day to come, the next one first."""
    to_come = PolicyVersion.objects.filter(
        policy__kind=Policy.Kind.PRIVACY, published_at__gt=timezone.now(), number__gt=1
    )
    return to_come.order_by("published_at").first()


def make_policy_notice(version: PolicyVersion, *, send: bool = False) -> Issue | None:
    """A draft for the editors, or to be sent now. None: this version has its notice already.

    Raises ValueError for another text, or one that is in force already or has no day yet:
    people are told before. Raises NotReady as any letter does.
    """
    if version.policy.kind != Policy.Kind.PRIVACY:
        raise ValueError("Only a change of the privacy policy is told to everyone.")
    if version.published_at is None or version.is_published:
        raise ValueError("Give the version a day to come first: people are told before.")
    try:
        with transaction.atomic():
            issue = Issue.objects.create(
                about=version,
                subject=SUBJECT,
                discreet_subject=SUBJECT,
                body=words_of(version),
                in_archive=False,
            )
            if send:
                lifecycle.schedule(issue, timezone.now())
    except IntegrityError:
        return None
    return issue


def words_of(version: PolicyVersion) -> str:
    day = date_format(timezone.localtime(version.published_at), "F j, Y")
    return (
        f"Our privacy policy changes on {day}.\n\n"
        f"What changes: {version.changed}\n\n"
        "You do not have to do anything. What you get stays as you chose it, and the record of"
        " what you agreed to stays as it is. If the change is not right for you, the links at"
        " the end of this email let you change what you get, stop, or delete your details.\n\n"
        f"## The text from {day} on\n\n{version.body}\n"
    )

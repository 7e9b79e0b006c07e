"""Not seeing what somebody writes. Nobody is ever told, and nothing is hidden for others.

The conversation asks ``ignored_by(member)`` once for a page and folds the comments of these
authors behind "You chose not to see NAME. Show".
"""

from .models import Ignore, Member

MOST = 500  # one query's worth; who needs more has another problem that staff should hear of


def ignored_by(member) -> set[int]:
    """The ids of the members this one chose not to see; empty for a guest. One query."""
    if not getattr(member, "is_authenticated", False):
        return set()
    return set(Ignore.objects.filter(member=member).values_list("ignored_id", flat=True)[:MOST])


def ignore(member: Member, other: Member) -> bool:
    """Choose not to see ``other``; tell whether anything changed."""
    if member.pk == other.pk or Ignore.objects.filter(member=member).count() >= MOST:
        return False
    _, created = Ignore.objects.get_or_create(member=member, ignored=other)
    return created


def unignore(member: Member, other: Member) -> bool:
    """See ``other`` again; tell whether anything changed."""
    deleted, _ = Ignore.objects.filter(member=member, ignored=other).delete()
    return deleted > 0

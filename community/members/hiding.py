"""Topics a member chose not to meet in lists. Nothing is taken away: a line says what is
hidden, with the way to it, and the topic's own page shows all."""

from .models import HiddenTopic, Member

MOST = 100


def hidden_topics(member) -> set[str]:
    """The slugs; empty for a guest. One query."""
    if not getattr(member, "is_authenticated", False):
        return set()
    return set(HiddenTopic.objects.filter(member=member).values_list("slug", flat=True)[:MOST])


def hide(member: Member, slug: str) -> bool:
    """Tell whether anything changed."""
    if HiddenTopic.objects.filter(member=member).count() >= MOST:
        return False
    _, created = HiddenTopic.objects.get_or_create(member=member, slug=slug)
    return created


def unhide(member: Member, slug: str) -> bool:
    """Tell whether anything changed."""
    deleted, _ = HiddenTopic.objects.filter(member=member, slug=slug).delete()
    return deleted > 0

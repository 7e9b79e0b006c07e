from django.db.models import Count

from .models import Comment, Reaction


def press(comment: Comment, member, kind: Reaction.Kind) -> bool:
    """Say it, or take it back when it was said; tell whether it is said now.

    Nobody thanks herself.
    """
    if comment.author_id == member.pk:
        return False
    gone, _ = Reaction.objects.filter(comment=comment, member=member, kind=kind).delete()
    if gone:
        return False
    Reaction.objects.bulk_create(
        [Reaction(comment=comment, member=member, kind=kind)], ignore_conflicts=True
    )
    return True


def pressed_by(member, comment_ids) -> set[tuple[int, str]]:
    found = Reaction.objects.filter(member=member, comment__in=comment_ids)
    return set(found.values_list("comment_id", "kind"))


def kindness_for(own_ids) -> dict[int, dict[str, int]]:
    """How often each kind was said, for the writer of these comments and nobody else."""
    counts: dict[int, dict[str, int]] = {}
    if own_ids:
        found = Reaction.objects.filter(comment__in=own_ids).values_list("comment_id", "kind")
        for comment_id, kind, count in found.annotate(count=Count("id")):
            counts.setdefault(comment_id, {})[kind] = count
    return counts

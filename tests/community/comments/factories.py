"""Comments as tests need them: posted through the verb, or put into a state."""

from django.utils import timezone

from community.comments import moderation, writing
from community.comments.models import Comment
from community.policies.models import PolicyVersion
from tests.factories import make_article, make_member, make_policy_version

RULES = "::: rules\n1. ### Be kind\n\n   Always.\n\n2. ### No selling\n\n   Never.\n:::\n"


def rules_in_force():
    return PolicyVersion.objects.in_force("rules") or make_policy_version("rules", body=RULES)


def make_comment(
    text="Warm words.", *, to=None, by=None, on=None, state="visible", at=None, **more
):
    """``state=None`` leaves the comment as the rules for new ones put it."""
    article = to.article if to else on or make_article()
    comment, _ = writing.post(
        author=by or make_member(),
        article=article,
        parent=to,
        source=text,
        rules=rules_in_force(),
        **more,
    )
    if state == "removed":
        take_down(comment)
    elif state:
        moderation.set_state(comment, state)
    if at:
        Comment.objects.filter(pk=comment.pk).update(created_at=at)
    comment.refresh_from_db()
    return comment


def take_down(comment):
    """As a moderator does: the database wants the act."""
    from tests.community.moderation.factories import decide

    comment.refresh_from_db()
    decide("hidden", comment, rule=2)


def pause(member, *, days=1):
    from tests.community.moderation.factories import decide

    decide("paused", member=member, until=timezone.now() + timezone.timedelta(days=days))
    member.refresh_from_db()


def minutes_ago(count):
    return timezone.now() - timezone.timedelta(minutes=count)

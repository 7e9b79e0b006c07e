"""Ten people who do not exist, and what they say to each other under three articles.

Every page of a demonstration site says that its people and comments are made up; the accounts
end in .example and cannot sign in.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from articles.models import Article
from community.members.models import Member
from community.policies.models import Policy, PolicyVersion

from . import moderation, words
from .models import Comment
from .writing import note_the_latest, path_below

RELATION = Member.Relation
PEOPLE = {
    "Marisol": RELATION.LIVING,
    "Jo P": RELATION.CAREGIVER,
    "Teodora": RELATION.LIVING,
    "Priya": RELATION.LIVING,
    "Lena K": RELATION.FRIEND,
    "Wren": RELATION.LIVING,
    "Ines": RELATION.BEREAVED,
    "Bette": RELATION.LIVING,
    "Hal": RELATION.FAMILY,
    "Noor": RELATION.UNSAID,
}

TALK = Path(__file__).with_suffix(".yaml")


def load(say):
    if not settings.ALLOW_DEMO_LOGINS:
        raise CommandError("Demonstration members are for local use only, not for production.")
    if Comment.objects.exists():
        return
    people = {name: member(name, relation) for name, relation in PEOPLE.items()}
    rules = PolicyVersion.objects.in_force(Policy.Kind.RULES)
    at = datetime(2026, 11, 16, 14, 5, tzinfo=UTC)
    for slug, threads in yaml.safe_load(TALK.read_text()).items():
        article = Article.objects.filter(slug=slug).first()
        for thread in threads if article else []:
            at = write(people, rules, article, thread, None, at + timedelta(hours=7, minutes=13))
    say(f"Conversation: {Comment.objects.count()} comments by {len(people)} fictional members")


def member(name: str, relation: str) -> Member:
    handle = name.lower().replace(" ", "-")
    found = Member.objects.filter(email=f"{handle}@harbor.example").first()
    return found or Member.objects.create_user(
        f"{handle}@harbor.example",
        display_name=name,
        handle=handle,
        relation=relation,
        relation_is_shown=relation != RELATION.UNSAID,
        trusted_at=timezone.now(),
    )


def born_removed(thread) -> dict:
    """Nobody decided that it is taken down, so nobody took it down."""
    if thread.get("state") != Comment.State.REMOVED:
        return {}
    return {"state": Comment.State.REMOVED, "broken_rule": thread["rule"]}


def write(people, rules, article, thread, parent, at):
    """A comment and the replies to it; returns when the last of them was written."""
    comment = Comment.objects.create(
        article=article,
        author=people[thread["who"]],
        parent=parent,
        parent_path=path_below(parent),
        source=thread.get("says", ""),
        content_note=thread.get("note", ""),
        created_at=at,
        rules=rules,
        **born_removed(thread),
    )
    words.render(comment)
    comment.save()
    if "state" in thread and comment.state != thread["state"]:
        moderation.set_state(comment, thread["state"], broken_rule=thread.get("rule"))
    note_the_latest(comment)
    for reply in thread.get("replies", []):
        at = write(people, rules, article, reply, comment, at + timedelta(minutes=41))
    return at

"""Small makers of rows. Each takes what the test is about and invents the rest."""

import io
from datetime import timedelta
from itertools import count

from django.contrib.auth.models import Group
from django.utils import timezone
from PIL import Image

from articles.models import Article, ArticleTopic, Byline, Contributor, Topic
from articles.pictures import add_picture
from community.members.models import Member
from community.newsletter.models import Issue, Subscriber
from community.policies.models import Policy, PolicyVersion
from polls.models import Choice, Poll
from polls.voting import cast

_numbers = count(1)


def make_member(
    *, staff=False, editor=False, writer=False, superuser=False, trusted=False, **fields
):
    """``trusted``: what the member writes shows at once."""
    if trusted:
        fields["trusted_at"] = timezone.now()
    number = next(_numbers)
    member = Member.objects.create_user(
        fields.pop("email", f"member{number}@harbor.example"),
        "a password",
        display_name=fields.pop("display_name", f"Member {number}"),
        is_staff=staff or editor or writer or superuser,
        is_superuser=superuser,
        **fields,
    )
    if editor:
        member.groups.add(Group.objects.get(name="Editors"))
    if writer:
        member.groups.add(Group.objects.get(name="Contributors"))
    return member


def make_topic(name=None, **fields):
    name = name or f"Topic {next(_numbers)}"
    fields.setdefault("slug", name.lower().replace(" ", "-"))
    return Topic.objects.create(name=name, description="What it is about.", **fields)


def make_contributor(name=None, **fields):
    name = name or f"Writer {next(_numbers)}"
    fields.setdefault("slug", name.lower().replace(" ", "-"))
    return Contributor.objects.create(name=name, **fields)


def make_article(*, draft=False, scheduled=False, withdrawn=False, topics=(), by=(), **fields):
    number = next(_numbers)
    now = timezone.now()
    fields.setdefault("title", f"Article {number}")
    fields.setdefault("slug", f"article-{number}")
    fields.setdefault("standfirst", "What it says in one sentence.")
    fields.setdefault("body", "The text.\n")
    if not draft:
        fields.setdefault("published_at", now + timedelta(days=1 if scheduled else -1))
    if withdrawn:
        fields.setdefault("withdraw_at", now - timedelta(minutes=1))
        fields.setdefault("withdrawal_reason", "The numbers were out of date.")
    article = Article.objects.create(**fields)
    for position, topic in enumerate(topics or [make_topic()]):
        ArticleTopic.objects.create(article=article, topic=topic, position=position)
    for position, contributor in enumerate(by):
        Byline.objects.create(article=article, contributor=contributor, position=position)
    return article


def make_policy_version(kind="rules", *, draft=False, **fields):
    policy, _ = Policy.objects.get_or_create(kind=kind)
    fields.setdefault("title", policy.get_kind_display())
    fields.setdefault("body", "The words.\n")
    fields.setdefault("changed", "First version.")
    if not draft:
        fields.setdefault("published_at", timezone.now() - timedelta(minutes=1))
    return PolicyVersion.objects.create(policy=policy, **fields)


def picture_bytes(kind="PNG", size=(60, 40), color=(10, 80, 90), mode="RGB", **options):
    file = io.BytesIO()
    Image.new(mode, size, color).save(file, kind, **options)
    return file.getvalue()


def make_picture(name=None, **options):
    return add_picture(name or f"picture-{next(_numbers)}.png", picture_bytes(**options))


def make_poll(*choices, draft=False, scheduled=False, closed=False, featured=False, **fields):
    """``choices`` are texts; two of them make a This or That unless ``kind`` says otherwise."""
    number = next(_numbers)
    now = timezone.now()
    choices = choices or ("Tea", "Coffee")
    fields.setdefault("kind", "this-or-that" if len(choices) == 2 else "one")
    fields.setdefault("slug", f"poll-{number}")
    fields.setdefault("question", f"Question {number}?")
    if not draft:
        fields.setdefault("opens_at", now + timedelta(days=1 if scheduled else -2))
    if closed:
        fields.setdefault("closes_at", now - timedelta(minutes=1))
    if featured:
        fields.setdefault("featured_from", now - timedelta(days=1))
    poll = Poll.objects.create(**fields)
    for position, text in enumerate(choices, start=1):
        Choice.objects.create(poll=poll, position=position, text=text)
    return poll


def fill_ballots(poll, *counts):
    """Votes of guests: ``counts[n]`` for the choice at position n + 1. Closed polls too."""
    Poll.objects.filter(pk=poll.pk).update(closes_at=None)
    for position, count_of in enumerate(counts, start=1):
        for _ in range(count_of):
            cast(poll, f"guest:made-{next(_numbers)}", [position])
    Poll.objects.filter(pk=poll.pk).update(closes_at=poll.closes_at)


def make_subscriber(*, unconfirmed=False, **fields):
    fields.setdefault("email", f"subscriber{next(_numbers)}@example.com")
    fields.setdefault("wants_letter", True)
    if not unconfirmed:
        fields.setdefault("confirmed_at", timezone.now() - timedelta(days=1))
    return Subscriber.objects.create(**fields)


def make_issue(**fields):
    fields.setdefault("subject", "This week: the dose conversation")
    fields.setdefault("body", "Hello.\n\nGo to [the site](/articles/).\n")
    return Issue.objects.create(**fields)

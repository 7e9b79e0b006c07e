"""Whether people may write here now, under which rules, and the sentence that says so."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Subquery
from django.utils import timezone
from django.utils.formats import date_format

from advocacy_site.reader_cache import reading_only, remembered
from articles.models import Article
from community.policies.models import Acceptance, Policy, PolicyVersion

from .apps import WARN_DAYS
from .models import Conversation, ConversationSwitch

# Long enough to finish a thought on a bad week.
WARN_BEFORE = timedelta(days=WARN_DAYS)

_RULE = re.compile(r"^\d{1,2}\.\s+(?:#+\s*)?(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Openness:
    """``closed`` is the sentence in place of the box, empty while people may write; ``closing``
    is the warning above it. ``rules`` is the version in force, None before there is one.
    """

    rules: PolicyVersion | None
    closed: str = ""
    closing: str = ""
    locked: frozenset[int] = frozenset()  # conversations that take no replies

    @property
    def is_open(self) -> bool:
        return not self.closed

    @property
    def rules_in_short(self) -> list[str]:
        return rules_in_short(self.rules.body) if self.rules else []


def openness_of(article: Article) -> Openness:
    """As this process knows it: a change is heard of in the moment it is committed."""
    return remembered(("openness", article.pk), lambda: find_openness(article))


def find_openness(article: Article) -> Openness:
    """One query: the rules in force, the switch of the site and that of the article."""
    here = Conversation.objects.filter(article=article)
    site = ConversationSwitch.objects.filter(closed_at__lte=timezone.now())
    versions = PolicyVersion.objects.annotate(
        site_sentence=Subquery(site.values("sentence")[:1]),
        close_at=Subquery(here.values("comments_close_at")),
        closed_because=Subquery(here.values("closed_because")),
        **{
            f"locked_{place}": ArraySubquery(function(article).values("pk"))
            for place, function in enumerate(_locked)
        },
    )
    with reading_only(
        f"comments_conversation:{article.pk}",
        "comments_conversationswitch",
        "policies_policy",
        "policies_policyversion",
    ):
        rules = versions.in_force(Policy.Kind.RULES)
    if rules is None:
        return Openness(None, closed="The conversation opens when our rules are posted.")
    if rules.site_sentence:
        return Openness(rules, closed=rules.site_sentence)
    locked = set().union(*(getattr(rules, f"locked_{place}") for place in range(len(_locked))))
    closing = _by_date(rules.close_at, rules.closed_because)
    return Openness(rules, locked=frozenset(locked), **closing)


def _by_date(close_at, because: str) -> dict[str, str]:
    now = timezone.now()
    if close_at is None or close_at > now + WARN_BEFORE:
        return {}
    day = date_format(timezone.localtime(close_at), "F j, Y")
    if close_at <= now:
        plain = f"Comments on this article closed on {day}. You can still read them."
        return {"closed": because or plain}
    return {"closing": f"Comments on this article close on {day}. Reading stays open."}


@lru_cache(maxsize=16)
def rules_in_short(body: str) -> list[str]:
    """The heading of each numbered rule: the lines at the box can never differ from the rules."""
    return _RULE.findall(body)


_reasons: list[Callable] = []
_locks: list[Callable] = []
_locked: list[Callable] = []


def register_reason(function: Callable) -> None:
    """``function(member)`` gives a sentence why this member may not write now, or an empty text.
    Registering twice is once."""
    if function not in _reasons:
        _reasons.append(function)


def register_lock(function: Callable) -> None:
    """``function(thread_id)`` gives a sentence why a conversation takes no replies, or an empty
    text. Registering twice is once."""
    if function not in _locks:
        _locks.append(function)


def register_locked(function: Callable) -> None:
    """``function(article)`` gives a queryset whose keys are the article's conversations that take
    no replies; it becomes a part of the one query here. Registering twice is once."""
    if function not in _locked:
        _locked.append(function)


def of_thread(openness: Openness, thread_id: int) -> Openness:
    """The same for a reply: one conversation may be closed under an article that is open."""
    if openness.is_open:
        for function in _locks:
            if sentence := function(thread_id):
                return replace(openness, closed=sentence)
    return openness


def why_not(member) -> str:
    """Why this member may not write anywhere now; empty where they may."""
    for function in _reasons:
        if sentence := function(member):
            return sentence
    until = member.suspended_until
    if until and until > timezone.now():
        day = date_format(timezone.localtime(until), "F j, Y")
        return f"Your account is paused. You can write again on {day}."
    if member.remembered_at or not member.is_active:
        return "This account is closed for writing."
    return ""


def accepted_number(member) -> int:
    """The number of the newest rules this member has accepted; 0 before the first."""
    newest = Acceptance.objects.filter(member=member, version__policy__kind=Policy.Kind.RULES)
    return (
        newest.order_by("-version__number").values_list("version__number", flat=True).first() or 0
    )

"""Whether the sources that articles name still answer: asked by the worker, kept for the desk."""

import re
from collections.abc import Callable

from django.db import transaction
from django.tasks import task
from django.utils import timezone

from .link_check import private_is_allowed, problem_with
from .models import Article, SourceCheck

ADDRESS = re.compile(r"https?://[^\s<>\"\]]+")
MOST_AN_ARTICLE = 200


def addresses_in(body: str) -> list[str]:
    """Each address once, in the order of the text, without the marks around it."""
    found = []
    for address in ADDRESS.findall(body):
        while address.endswith((".", ",", ";", ":", "!", "?", "*", "_", "'", "”")) or (
            address.endswith(")") and address.count(")") > address.count("(")
        ):
            address = address[:-1]
        found.append(address)
    return list(dict.fromkeys(a for a in found if len(a) <= 2000))[:MOST_AN_ARTICLE]


def check_sources(articles=None, say: Callable[[str], None] = lambda line: None) -> int:
    """Ask for every address of the published articles and keep the answers. Returns how many
    do not answer."""
    answers: dict[str, str] = {}
    failing = 0
    articles = articles if articles is not None else Article.objects.published()
    for article in articles.only("title", "body").iterator(chunk_size=100):
        for address in addresses_in(article.body):
            if address not in answers:
                answers[address] = problem_with(address, allow_private=private_is_allowed())
            record(article, address, answers[address])
            if answers[address]:
                failing += 1
                say(f"{article}: {address}: {answers[address]}")
        SourceCheck.objects.filter(article=article).exclude(
            address__in=addresses_in(article.body)
        ).delete()
    return failing


@transaction.atomic
def record(article: Article, address: str, problem: str) -> None:
    now = timezone.now()
    before = SourceCheck.objects.filter(article=article, address=address).first()
    since = (before and before.failing_since) or now
    SourceCheck.objects.update_or_create(
        article=article,
        address=address,
        defaults={
            "checked_at": now,
            "problem": problem[:200],
            "failing_since": since if problem else None,
        },
    )


@task()
def check_all_sources() -> int:
    return check_sources()


def failing_sources():
    return (
        SourceCheck.objects.exclude(problem="")
        .select_related("article")
        .order_by("failing_since", "pk")
    )

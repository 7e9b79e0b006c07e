"""Whether the sources that articles name still answer: asked by the worker, kept for the desk."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction
from django.tasks import task
from django.utils import timezone

from .link_check import private_is_allowed, problem_with
from .models import Article, SourceCheck

ADDRESS = re.compile(r"https?://[^\s<>\"\]]+")
MOST_AN_ARTICLE = 200
MOST_BYTES = 2_000
# Each address may take some seconds, most of them waiting.
AT_ONCE = 8
# A number of our own for Postgres, so that two rounds do not run side by side.
ONE_ROUND = 20_261_008


def addresses_in(body: str) -> list[str]:
    """Each address once, in the order of the text, without the marks around it."""
    found = []
    for address in ADDRESS.findall(body):
        while address.endswith((".", ",", ";", ":", "!", "?", "*", "_", "'", "”")) or (
            address.endswith(")") and address.count(")") > address.count("(")
        ):
            address = address[:-1]
        found.append(address)
    # In bytes: an index of Postgres holds no more of one row, and each letter may be three.
    kept = (address for address in found if len(address.encode()) <= MOST_BYTES)
    return list(dict.fromkeys(kept))[:MOST_AN_ARTICLE]


def check_sources(articles=None, say: Callable[[str], None] = lambda line: None) -> int:
    """Ask for every address of the published articles and keep the answers. Returns how many
    do not answer."""
    answers: dict[str, str] = {}
    failing = 0
    articles = articles if articles is not None else Article.objects.published()
    for article in articles.only("title", "body").iterator(chunk_size=100):
        ask_all([a for a in addresses_in(article.body) if a not in answers], answers)
        for address in addresses_in(article.body):
            record(article, address, answers[address])
            if answers[address]:
                failing += 1
                say(f"{article}: {address}: {answers[address]}")
        SourceCheck.objects.filter(article=article).exclude(
            address__in=addresses_in(article.body)
        ).delete()
    return failing


def ask_all(addresses: list[str], answers: dict[str, str]) -> None:
    """Several at once; each has its own deadline."""

    def problem(address: str) -> str:
        return problem_with(address, allow_private=private_is_allowed())

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers.update(zip(addresses, pool.map(problem, addresses), strict=True))


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
    """One round at a time, however often the button is pressed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_ROUND])
        if not cursor.fetchone()[0]:
            return 0
        try:
            return check_sources()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_ROUND])


def failing_sources():
    return (
        SourceCheck.objects.exclude(problem="")
        .filter(article__in=Article.objects.published())
        .select_related("article")
        .order_by("failing_since", "pk")
    )

"""What pages with a conversation cost: processor time of the site and of Postgres, and plans.

Not a test: nothing here is asserted, and the suite never runs it. After ``manage.py scale_data``::

    python tests/bench/conversation.py            # the table
    python tests/bench/conversation.py --explain  # the plans, kept in tests/bench/plans.txt

One request at a time, nothing cached, medians of interleaved runs.
"""

import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "advocacy_site.settings.local"
os.environ["DEBUG"] = "0"
RUNS = 60
TICK = os.sysconf("SC_CLK_TCK")


def main():
    import manage

    sys.argv[1:2] = ["shell", *sys.argv[1:2]]
    manage.use_embedded_database()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    explain() if "--explain" in sys.argv else measure()


def addresses():
    from community.comments.models import Comment

    def of(slug):
        return Comment.objects.filter(article__slug=slug)

    big = of("scale-100000")
    longest = big.order_by("pk").first()
    chain = big.filter(parent_path__len__gte=60).order_by("-pk").first()
    middle = big.filter(parent=None).order_by("pk")[5_000]
    return {
        "article, 0 comments": "/articles/scale-0/",
        "article, 200 comments": "/articles/scale-200/",
        "article, 2,000 comments": "/articles/scale-2000/",
        "article, 100,000 comments": "/articles/scale-100000/",
        "a page far behind": f"/articles/scale-100000/conversation/?after={middle.pk}",
        "thread of 20,000": f"/comments/{longest.pk}/thread/",
        "permalink into 20,000": f"/comments/{longest.pk + 15_000}/",
        "permalink into a chain of 500": f"/comments/{chain.pk}/",
        "talk": "/talk/",
        "home": "/",
    }


def measure():
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client, found, facts = Client(SERVER_NAME="localhost"), {}, {}
    kept = addresses()
    post = poster(client)
    for name, address in kept.items():
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address)
        assert page.status_code in {200, 302}, (name, page.status_code)
        facts[name] = len(queries), len(page.content)
    for _ in range(RUNS):
        for name, address in kept.items():
            found.setdefault(name, []).append(cost(lambda a=address: client.get(a)))
        found.setdefault("posting a reply there", []).append(cost(post))
    print(f"{'':32}{'site ms':>9}{'Postgres ms':>13}{'queries':>9}{'KB':>7}")
    for name, costs in found.items():
        site = statistics.median(c[0] for c in costs)
        database = sum(c[1] for c in costs) / len(costs)
        queries, size = facts.get(name, ("", 0))
        print(f"{name:32}{site:9.2f}{database:13.2f}{queries:>9}{size / 1024:7.0f}")


def poster(client):
    """Posts a new reply to the newest thread of the largest conversation; undone at the end."""
    from itertools import count

    from django.db import transaction

    from community.comments.models import Comment
    from community.comments.openness import openness_of
    from community.comments.writing import post
    from community.members.models import Member

    root = Comment.objects.filter(article__slug="scale-100000", parent=None).latest("pk")
    people = list(Member.objects.filter(email__startswith="scale-")[:50])
    rules, numbers = openness_of(root.article).rules, count()

    def deed():
        n = next(numbers)
        with transaction.atomic():
            post(
                author=people[n % 50], article=root.article, parent=root, source=f"Reply {n}.",
                rules=rules,
            )  # fmt: skip
            transaction.set_rollback(True)

    return deed


def cost(deed) -> tuple[float, float]:
    """Processor milliseconds of this process and of its database server process."""
    from django.db import connection

    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    before, database_before = time.process_time(), backend_seconds(pid)
    deed()
    return (
        (time.process_time() - before) * 1000,
        (backend_seconds(pid) - database_before) * 1000,
    )


def backend_seconds(pid: int) -> float:
    """From the scheduler, in nanoseconds where it keeps them."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def explain():
    from django.db import connection

    from articles.models import Article
    from community.comments import threads
    from community.comments.models import Comment

    lines = []
    for slug in ("scale-200", "scale-100000"):
        article = Article.objects.get(slug=slug)
        sql = threads.page_sql()
        values = {
            "article": article.pk, "me": None, "start": threads.LAST_ID,
            "rows": threads.MOST_ON_PAGE + 1, "of_a_thread": threads.MOST_OF_A_THREAD + 1,
        }  # fmt: skip
        lines += plan(connection, f"A page of threads, {slug}", sql, values)
    root = Comment.objects.filter(article__slug="scale-100000").earliest("pk")
    values = {
        "article": root.article_id, "thread": root.pk, "start": [root.pk], "me": None,
        "rows": threads.MOST_ON_PAGE + 1,
    }  # fmt: skip
    lines += plan(connection, "A thread of 20,000", threads.thread_sql(), values)
    (Path(__file__).parent / "plans.txt").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def plan(connection, title, sql, values):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {sql}", values)
        return ["", f"## {title}", *(row[0] for row in cursor.fetchall())]


if __name__ == "__main__":
    main()

"""A conversation far larger than any real one, loaded by COPY, for measuring."""

import io
import time
from itertools import count, islice

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from articles.models import Article, ArticleTopic, Topic
from community.comments import words
from community.comments.models import Comment, Conversation
from community.comments.models.comment import MOST_LEVELS
from community.comments.openness import openness_of
from community.members.models import Member

COLUMNS = (
    "id", "article_id", "author_id", "parent_id", "parent_path", "source", "html", "stamp",
    "renderer", "state", "created_at", "rules_id", "content_note", "state_reason",
)  # fmt: skip
SAYINGS = [
    "I put a towel over the laptop. I feel better.",
    "Thank you for saying this plainly.\n\nI read it twice, and then to my sister.",
    "Ours meets on Thursdays. So today I am allowed to go *outside*.",
    "Stopping is the hard part. I had four more paragraphs, and a cup of tea went cold.",
    "Mine answered in nine days. Polite, and no. A no in writing is still a record; keep it.",
]
LARGEST, LONGEST_THREAD, DEEPEST = 100_000, 20_000, 500
AT_ONCE = 20_000


class Command(BaseCommand):
    help = (
        "Load a great many made-up comments: articles scale-200, scale-2000 and scale-100000"
        " (one thread of 20,000, one chain 500 deep), the rest spread over more articles."
    )

    def add_arguments(self, parser):
        parser.add_argument("--comments", type=int, default=1_000_000)

    def handle(self, *, comments, **options):
        if Article.objects.filter(slug__startswith="scale-").exists():
            raise CommandError("The scale data is here already.")
        started = time.monotonic()
        with transaction.atomic():
            self.writers = [self.member(n).pk for n in range(200)]
            self.html = [words.body_html(saying) for saying in SAYINGS]
            self.now = timezone.now()
            with connection.cursor() as cursor:
                cursor.execute("SELECT coalesce(max(id), 0) FROM comments_comment")
                self.ids = count(cursor.fetchone()[0] + 1)
                rows = self.rows(comments)
                while batch := "".join(islice(rows, AT_ONCE)):
                    cursor.copy_expert(
                        f"COPY comments_comment ({', '.join(COLUMNS)}) FROM STDIN",
                        io.StringIO(batch),
                    )
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence('comments_comment', 'id'),"
                    " (SELECT max(id) FROM comments_comment))"
                )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE comments_comment, members_member")
        seconds = time.monotonic() - started
        self.stdout.write(f"{comments:,} comments in {seconds:.1f} seconds")

    def rows(self, comments):
        """Lines for COPY. Articles of the sizes that are measured come first."""
        sizes = [size for size in (0, 200, 2_000) if size <= comments]
        comments -= sum(sizes)
        for size in sizes:
            yield from self.conversation(self.article(size), size)
        if comments >= LARGEST:
            yield from self.largest(self.article(LARGEST))
            comments -= LARGEST
        for number in count(1):
            if comments <= 0:
                return
            size = min(5_000, comments)
            yield from self.conversation(self.article(f"more-{number}"), size)
            comments -= size

    def conversation(self, article, size):
        """Threads of one to eight comments, as people write."""
        left = size
        while left > 0:
            replies = min(left - 1, left % 8)
            root = next(self.ids)
            yield self.line(article, root, [])
            first = None
            for n in range(replies):
                pk = next(self.ids)
                yield self.line(article, pk, [root, first] if first and n % 3 == 2 else [root])
                first = first or pk
            left -= replies + 1
        self.note(article)

    def largest(self, article):
        root = next(self.ids)
        yield self.line(article, root, [])
        for _ in range(LONGEST_THREAD - 1):
            yield self.line(article, next(self.ids), [root])
        path = []
        for _ in range(DEEPEST):
            pk = next(self.ids)
            yield self.line(article, pk, path[:MOST_LEVELS], parent=path[-1] if path else None)
            path = [*path[:MOST_LEVELS], pk]
        yield from self.conversation(article, LARGEST - LONGEST_THREAD - DEEPEST)

    def line(self, article, pk, path, parent=None) -> str:
        which = pk % len(SAYINGS)
        values = (
            pk, article.pk, self.writers[pk % len(self.writers)],
            parent or (path[-1] if path else r"\N"), "{" + ",".join(map(str, path)) + "}",
            escape(SAYINGS[which]), escape(self.html[which]),
            escape(words.stamp(pk, self.now, None)) if pk % 500 == 0 else self.stamp(pk),
            words.RENDERER, Comment.State.VISIBLE, self.now.isoformat(), self.rules, "", "",
        )  # fmt: skip
        return "\t".join(map(str, values)) + "\n"

    def stamp(self, pk) -> str:
        if not hasattr(self, "_stamp"):
            self._stamp = escape(words.stamp(0, self.now, None))
        return self._stamp.replace("/comments/0/", f"/comments/{pk}/", 1)

    def article(self, name) -> Article:
        topic, _ = Topic.objects.get_or_create(
            slug="scale", defaults={"name": "Scale", "description": "Made up, for measuring."}
        )
        article = Article.objects.create(
            title=f"Made up, for measuring: {name}",
            slug=f"scale-{name}",
            standfirst="It has a great many comments.",
            body="A text.\n\n" * 20,
            is_demonstration=True,
            published_at=self.now,
        )
        ArticleTopic.objects.create(article=article, topic=topic)
        rules = openness_of(article).rules
        if rules is None:
            raise CommandError("Publish the rules first, in the admin or with manage.py demo_data.")
        self.rules = rules.pk
        return article

    def note(self, article) -> None:
        Conversation.objects.create(article=article)

    def member(self, number) -> Member:
        return Member.objects.create_user(
            f"scale-{number}@harbor.example", display_name=f"Made up {number}"
        )


def escape(text: str) -> str:
    """For COPY's text format."""
    return text.replace("\\", r"\\").replace("\n", r"\n").replace("\t", r"\t")

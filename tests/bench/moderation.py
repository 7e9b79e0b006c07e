"""What the moderators' pages cost with 10,000 items waiting in each line: queries, database, plans.

Not a test: nothing is asserted, and the suite never runs it. Everything is made in one
transaction that is rolled back::

    python tests/bench/moderation.py            # the table
    python tests/bench/moderation.py --explain  # and plans_moderation.txt
"""

import os
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "advocacy_site.settings.local"
os.environ["DEBUG"] = "0"
RUNS = 15
ITEMS = 10_000
# Whose slowest statement is worth keeping: the others take less than 3 ms.
EXPLAINED = {
    "held, far behind",
    "reports",
    "appeals",
    "the record, by words",
    "the record, by name",
}

FILL = """
INSERT INTO members_member (email, display_name, password, handle, relation, relation_is_shown,
    own_words, reading_settings, is_staff, is_active, is_superuser, joined_at, family_words,
    closing_words, closing_answers, wish, wish_contact)
SELECT 'bench-' || n || '@harbor.example', 'Bench ' || n, '', 'bench-' || n, 'unsaid', false, '',
    '', false, true, false, now() - interval '1 year', '', '', '{}', '', ''
FROM generate_series(1, 2000) n;

-- Made at once and never analyzed: a trigger that looks for replies would read the whole table.
SET LOCAL enable_seqscan = off;
INSERT INTO comments_comment (article_id, author_id, parent_path, source, content_note, html,
    stamp, renderer, state, state_reason, created_at)
SELECT (SELECT min(id) FROM articles_article),
    (SELECT id FROM members_member WHERE email = 'bench-1@harbor.example') + n %% 2000, '{}',
    'Words of a comment, number ' || n || '.', '', '<p>Words.</p>', '', 1,
    CASE WHEN n %% 2 = 0 THEN 'held' ELSE 'visible' END, '', now() - n * interval '1 minute'
FROM generate_series(1, 40000) n;

INSERT INTO comments_hold (comment_id, reasons, detail, made_at)
SELECT id, ARRAY['first'], '', created_at FROM comments_comment
WHERE state = 'held' AND stamp = '' AND id %% 4 < 2;
UPDATE comments_comment SET state = 'visible' WHERE state = 'held' AND stamp = '' AND NOT EXISTS
    (SELECT 1 FROM comments_hold h WHERE h.comment_id = comments_comment.id);
SET LOCAL enable_seqscan = on;

INSERT INTO comments_report (comment_id, reason, words, reporter_email, wants_mail, created_at,
    outcome)
SELECT c.id, r.reason, 'Words.', '', false, c.created_at + interval '1 minute', ''
FROM (SELECT id, created_at, row_number() OVER (ORDER BY id) n FROM comments_comment
    WHERE stamp = '' AND state = 'visible') c
CROSS JOIN (VALUES ('unkind'), ('worried')) r (reason) WHERE n <= %(items)s;

INSERT INTO moderation_moderationact (at, by_id, what, comment_id, rule, why, before, after, told,
    source, line, needs_check, waiting_since)
SELECT now() - c.n * interval '30 minutes', %(by)s, 'hidden', c.id, 3, 'It sells tea.', c.source,
    '', 'We took it down.', 'report', 'reports', false, now() - c.n * interval '31 minutes'
FROM (SELECT id, source, row_number() OVER (ORDER BY id DESC) n FROM comments_comment
    WHERE stamp = '') c;

INSERT INTO moderation_appeal (act_id, member_id, words, made_at)
SELECT id, member_id, 'Look again.', at + interval '1 hour' FROM moderation_moderationact
WHERE why = 'It sells tea.' ORDER BY id LIMIT %(items)s;
ANALYZE members_member; ANALYZE comments_comment; ANALYZE comments_hold; ANALYZE comments_report;
ANALYZE moderation_moderationact; ANALYZE moderation_appeal;
"""


def main():
    import manage

    sys.argv[1:2] = ["shell", *sys.argv[1:2]]
    manage.use_embedded_database()
    import django

    django.setup()
    from django.db import transaction

    with transaction.atomic():
        moderator = fill()
        measure(moderator)
        transaction.set_rollback(True)


def fill():
    from django.contrib.auth.models import Group
    from django.db import connection

    from community.members.models import Member

    moderator = Member.objects.create_user(
        "bench-desk@harbor.example", display_name="Bench desk", is_staff=True
    )
    moderator.groups.add(Group.objects.get(name="Moderators"))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(FILL, {"items": ITEMS, "by": moderator.pk})
    return moderator


def addresses():
    from community.comments.models import Hold, Report
    from community.moderation import queue
    from community.moderation.models import Appeal

    holds = Hold.objects.waiting().order_by("made_at", "pk")
    middle = holds[holds.count() // 2]
    worried = Report.objects.waiting().worried().order_by("pk")[2_000]
    appeal = Appeal.objects.order_by("pk")[2_000]
    return {
        "the queue": "/moderation/",
        "held": "/moderation/held/",
        "held, far behind": f"/moderation/held/?after={queue.key_of(middle.made_at, middle.pk)}",
        "reports": "/moderation/reports/",
        "appeals": "/moderation/appeals/",
        "second looks": "/moderation/checks/",
        "a held comment": f"/moderation/comments/{middle.comment_id}/",
        "a worried report": f"/moderation/comments/{worried.comment_id}/",
        "deciding": f"/moderation/comments/{middle.comment_id}/decide/?do=hidden&rule=3",
        "a member": f"/moderation/members/{appeal.member_id}/",
        "an appeal": f"/moderation/appeals/{appeal.pk}/",
        "an act": f"/moderation/acts/{appeal.pk}/",
        "the record": "/moderation/record/",
        "the record, by words": "/moderation/record/?q=tea",
        "the record, by name": f"/moderation/record/?name=bench-{appeal.member_id % 7 + 1}",
        "the rota": "/moderation/rota/",
        "the year in numbers": "/moderation-in-numbers/",
    }


def measure(moderator):
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="localhost")
    client.force_login(moderator)
    client.get("/moderation/rota/")  # the session says once that staff was here
    kept = addresses()
    print(f"{'':28}{'queries':>9}{'database ms':>13}{'slowest ms':>12}{'KB':>6}")
    lines = []
    for name, address in kept.items():
        times, slowest = [], []
        for _ in range(RUNS):
            with CaptureQueriesContext(connection) as queries:
                page = client.get(address)
            assert page.status_code == 200, (name, page.status_code)
            each = [float(query["time"]) * 1000 for query in queries]
            times.append(sum(each))
            slowest.append(max(each))
        print(
            f"{name:28}{len(queries):>9}{statistics.median(times):13.1f}"
            f"{statistics.median(slowest):12.1f}{len(page.content) / 1024:6.0f}"
        )
        if "--explain" in sys.argv and name in EXPLAINED:
            lines += plans(connection, name, queries)
    if lines:
        (Path(__file__).parent / "plans_moderation.txt").write_text("\n".join(lines) + "\n")


def plans(connection, name, queries):
    """The plan of the slowest statement of a page."""
    slowest = max(queries, key=lambda query: float(query["time"]))["sql"]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {slowest}".replace("%", "%%"), [])
        return ["", f"## {name}: the slowest of its statements",
                *(row[0] for row in cursor.fetchall())]  # fmt: skip


if __name__ == "__main__":
    main()

"""Search in the database at 20,000 articles: the plan and its time.

It takes about a minute and runs only when asked for:

    BENCH=1 python -m pytest tests/bench -q -n0 -s
"""

import os
import statistics

import pytest
from django.db import connection

from articles.search import candidates_query, extracts

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(os.environ.get("BENCH") != "1", reason="set BENCH=1 to measure"),
]

ARTICLES = 20_000
MOST_MS = 20

# Texts of 700 words from a vocabulary in which the n-th word is about n times rarer than the
# first, as in real language; "pebble" stands in every 50th text, "lantern" in every title of 100.
FILL = f"""
INSERT INTO articles_article (title, slug, standfirst, key_points, content_notes, body,
    hero_alt, hero_is_decorative, hero_focus, is_demonstration, published_at, change_note,
    reviewed_by, withdrawal_reason, created_at, saved_at, body_html, sources_html, contents, words)
SELECT CASE WHEN n % 100 = 0 THEN 'Lantern ' ELSE 'Article ' END || n, 'article-' || n,
    'Standfirst of ' || n, '', '{{}}', 'x', '', false, 'center', false,
    now() - n * interval '1 hour', '', '', '', now(), now(),
    '<p>' || text || CASE WHEN n % 50 = 0 THEN ' pebble scan result' ELSE '' END || '</p>',
    '', '[]', 700
FROM generate_series(1, {ARTICLES}) n
CROSS JOIN LATERAL (
    SELECT string_agg('w' || floor(exp(random() * ln(20000)))::int, ' ') AS text
    FROM generate_series(1, 700) WHERE n > 0
) texts
"""
SEARCHES = {
    "a rare word": "pebble",
    "a title word": "lantern",
    "a phrase": '"scan result"',
    "a word in nearly every text": "w1",
    "two words, both common": "w2 w3",
    "without a word": "pebble -lantern",
    "only without": "-pebble",
    "nothing": "zzzz",
    "a rare or": "pebble or zzzz",
}


def explain(words):
    sql, parameters = candidates_query(words, None)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", parameters)
        lines = [line for (line,) in cursor.fetchall()]
    took = next(float(line.split()[2]) for line in lines if line.startswith("Execution Time"))
    return took, "\n".join(lines)


def test_search_stays_under_20_ms():
    with connection.cursor() as cursor:
        cursor.execute(FILL)
        cursor.execute("ANALYZE articles_article")
    slow = {}
    for name, words in SEARCHES.items():
        explain(words)
        runs = [explain(words) for _ in range(5)]
        took = statistics.median(ms for ms, _ in runs)
        plan = runs[-1][1]
        print(f"{took:7.2f} ms  {name}: {words}")
        if words in {"pebble", "lantern", "zzzz"}:
            assert "article_search" in plan, plan
        if took > MOST_MS:
            slow[name] = (took, plan)
    assert not slow, slow


def test_extracts_of_one_page_are_quick():
    with connection.cursor() as cursor:
        cursor.execute(FILL.replace(f"(1, {ARTICLES})", "(1, 500)"))
        cursor.execute("SELECT id FROM articles_article WHERE slug LIKE %s LIMIT 10", ["%50"])
        pks = [pk for (pk,) in cursor.fetchall()]
    found = extracts("pebble", pks)
    assert found and all("<mark>pebble</mark>" in text for text in found.values())

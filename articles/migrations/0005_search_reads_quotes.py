"""Quotes and dashes are no letters, and what a source list says is found as well.

Where the database's locale takes a curly mark for a letter, “scanxiety” was another word than
scanxiety and O’Brien could not be found. The marks become plain ones before words are cut;
articles/search.py does the same with what readers type.
"""

from django.db import migrations

# One expression, here and in articles/search.py: an index serves only its very own.
PLAIN = "translate({}, '“”„«»‘’‚‹›–—…', '\"\"\"\"\"''''''''''   ')"
TITLE = PLAIN.format("title")
LINES = PLAIN.format("standfirst || ' ' || key_points")
TEXT = PLAIN.format("regexp_replace(body_html || ' ' || sources_html, '<[^>]*>', ' ', 'g')")

DROP = """
DROP INDEX article_search_title;
ALTER TABLE articles_article DROP COLUMN search;
"""
ADD = f"""
ALTER TABLE articles_article ADD COLUMN search tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('english'::regconfig, {TITLE}), 'A')
    || setweight(to_tsvector('english'::regconfig, {LINES}), 'B')
    || setweight(to_tsvector('english'::regconfig, {TEXT}), 'D')
) STORED;
CREATE INDEX article_search ON articles_article USING gin (search);
CREATE INDEX article_search_title ON articles_article
    USING gin (to_tsvector('english'::regconfig, {TITLE}));
"""
BEFORE = """
ALTER TABLE articles_article ADD COLUMN search tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('english'::regconfig, title), 'A')
    || setweight(to_tsvector('english'::regconfig, standfirst || ' ' || key_points), 'B')
    || setweight(to_tsvector('english'::regconfig, regexp_replace(body_html, '<[^>]*>', ' ', 'g')), 'D')
) STORED;
CREATE INDEX article_search ON articles_article USING gin (search);
CREATE INDEX article_search_title ON articles_article
    USING gin (to_tsvector('english'::regconfig, title));
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0004_what_a_withdrawal_took_off")]

    operations = [migrations.RunSQL([DROP, ADD], [DROP, BEFORE])]

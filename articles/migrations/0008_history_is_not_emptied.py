"""What is kept for good is not emptied by hand either.

A revision goes only together with its article: checked when the transaction ends, so that the
order in which a draft and its saves are deleted does not matter. TRUNCATE asks no trigger of a
row; the tables refuse it as a whole. Django's test runner empties tables in this way after tests
that commit: it says so with a setting of its connection, which nothing else sets.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION articles_revision_goes_with_its_article() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM articles_article WHERE id = OLD.article_id) THEN
        RAISE EXCEPTION 'a revision goes only together with its article'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER articles_revision_stays
    AFTER DELETE ON articles_revision DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION articles_revision_goes_with_its_article();

CREATE FUNCTION articles_is_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('harbor.may_empty', true) IS DISTINCT FROM 'tests' THEN
        RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER articles_revision_is_not_emptied
    BEFORE TRUNCATE ON articles_revision
    FOR EACH STATEMENT EXECUTE FUNCTION articles_is_not_emptied();

CREATE TRIGGER articles_log_is_not_emptied
    BEFORE TRUNCATE ON articles_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION articles_is_not_emptied();
"""
ALLOW = """
DROP TRIGGER articles_log_is_not_emptied ON articles_auditentry;
DROP TRIGGER articles_revision_is_not_emptied ON articles_revision;
DROP FUNCTION articles_is_not_emptied();
DROP TRIGGER articles_revision_stays ON articles_revision;
DROP FUNCTION articles_revision_goes_with_its_article();
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0007_new_articles_keep_their_own_words")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]

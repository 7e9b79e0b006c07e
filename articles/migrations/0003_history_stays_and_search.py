"""The database keeps history as it was, and the words of search ready.

Revisions and the log may lose the name of a person whose account is closed, and the log may
outlive its article; nothing else of them ever changes.

The search column is generated from what readers see and is no field of the model: no query
for an article should carry it along. Tags in the HTML are no words to the parser of Postgres.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION articles_keep_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    OLD.made_by_id := NEW.made_by_id;
    IF NEW = OLD AND NEW.made_by_id IS NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a revision of an article is never changed'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER articles_revision_never_changes
    BEFORE UPDATE ON articles_revision
    FOR EACH ROW EXECUTE FUNCTION articles_keep_revision();

CREATE FUNCTION articles_keep_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.by_id IS NULL OR NEW.by_id = OLD.by_id)
        AND (NEW.article_id IS NULL OR NEW.article_id = OLD.article_id) THEN
        OLD.by_id := NEW.by_id;
        OLD.article_id := NEW.article_id;
        IF NEW = OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'an entry of the log is never changed or deleted'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER articles_log_never_changes
    BEFORE UPDATE OR DELETE ON articles_auditentry
    FOR EACH ROW EXECUTE FUNCTION articles_keep_log();
"""
ALLOW = """
DROP TRIGGER articles_log_never_changes ON articles_auditentry;
DROP FUNCTION articles_keep_log();
DROP TRIGGER articles_revision_never_changes ON articles_revision;
DROP FUNCTION articles_keep_revision();
"""

ADD_SEARCH = """
ALTER TABLE articles_article ADD COLUMN search tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('english'::regconfig, title), 'A')
    || setweight(to_tsvector('english'::regconfig, standfirst || ' ' || key_points), 'B')
    || setweight(to_tsvector('english'::regconfig, regexp_replace(body_html, '<[^>]*>', ' ', 'g')), 'D')
) STORED;
CREATE INDEX article_search ON articles_article USING gin (search);
CREATE INDEX article_search_title ON articles_article
    USING gin (to_tsvector('english'::regconfig, title));
"""
DROP_SEARCH = """
DROP INDEX article_search_title;
ALTER TABLE articles_article DROP COLUMN search;
"""


def let_editors_publish(apps, schema_editor):
    """A site that has its group of editors gets what the new permissions gave them before."""
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    editors = Group.objects.filter(name="Editors").first()
    article = ContentType.objects.filter(app_label="articles", model="article").first()
    if not editors or not article:
        return
    publish, _ = Permission.objects.get_or_create(
        content_type=article,
        codename="publish_article",
        defaults={"name": "Can publish, schedule and withdraw articles"},
    )
    editors.permissions.add(publish)


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0002_the_desk"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunSQL(REFUSE, ALLOW),
        migrations.RunSQL(ADD_SEARCH, DROP_SEARCH),
        migrations.RunPython(let_editors_publish, migrations.RunPython.noop),
    ]

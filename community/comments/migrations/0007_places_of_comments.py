"""Whether a comment leaves a place on its page is kept with it.

A reply to what stands open changes nothing there. It only shares a lock on what it answers, so
that whoever hides that waits for replies on their way and counts them.
"""

from django.db import migrations, models

KEEP = """
CREATE FUNCTION comments_keep_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.has_place := NEW.state NOT IN ('held', 'hidden')
        OR EXISTS (SELECT 1 FROM comments_comment WHERE parent_id = NEW.id);
    RETURN NEW;
END $$;

CREATE FUNCTION comments_answer_gives_place() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    placed boolean;
BEGIN
    SELECT has_place INTO placed FROM comments_comment WHERE id = NEW.parent_id FOR SHARE;
    IF NOT placed THEN
        UPDATE comments_comment SET has_place = true WHERE id = NEW.parent_id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER comments_keep_place
    BEFORE INSERT OR UPDATE OF state, has_place ON comments_comment
    FOR EACH ROW WHEN (NEW.state IN ('held', 'hidden') OR NOT NEW.has_place)
    EXECUTE FUNCTION comments_keep_place();
CREATE TRIGGER comments_answer_gives_place
    AFTER INSERT ON comments_comment
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL)
    EXECUTE FUNCTION comments_answer_gives_place();
"""
LET_GO = """
DROP TRIGGER comments_keep_place ON comments_comment;
DROP TRIGGER comments_answer_gives_place ON comments_comment;
DROP FUNCTION comments_keep_place();
DROP FUNCTION comments_answer_gives_place();
"""


class Migration(migrations.Migration):
    dependencies = [("comments", "0006_newest_visible_comment")]

    operations = [
        migrations.AddField(
            "comment",
            "has_place",
            models.BooleanField(db_default=True, default=True, editable=False),
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]

"""The database sees to it that no comment waits without a reason.

Looked at when a transaction ends, so that a comment and its hold may be written in any order.
"""

from django.db import migrations

# Comments that waited before there were holds.
GIVE_HOLDS = """
SET CONSTRAINTS ALL IMMEDIATE;
INSERT INTO comments_hold (comment_id, reasons, detail, made_at)
SELECT c.id, ARRAY['moderator'], c.state_reason, COALESCE(c.state_at, c.created_at)
FROM comments_comment c
WHERE c.state = 'held' AND NOT EXISTS (
    SELECT 1 FROM comments_hold h WHERE h.comment_id = c.id AND h.settled_at IS NULL);
"""
REFUSE = """
CREATE FUNCTION comments_held_has_a_hold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about bigint;
BEGIN
    IF TG_TABLE_NAME = 'comments_hold' THEN
        about := OLD.comment_id;
    ELSE
        about := NEW.id;
    END IF;
    IF EXISTS (SELECT 1 FROM comments_comment WHERE id = about AND state = 'held')
        AND NOT EXISTS (SELECT 1 FROM comments_hold
                        WHERE comment_id = about AND settled_at IS NULL) THEN
        RAISE EXCEPTION 'a comment that waits for a moderator has a hold that says why'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER comments_held_has_a_hold
    AFTER INSERT OR UPDATE OF state ON comments_comment DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.state = 'held') EXECUTE FUNCTION comments_held_has_a_hold();
CREATE CONSTRAINT TRIGGER comments_hold_of_held_stays
    AFTER UPDATE OR DELETE ON comments_hold DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.settled_at IS NULL) EXECUTE FUNCTION comments_held_has_a_hold();
"""
ALLOW = """
DROP TRIGGER comments_held_has_a_hold ON comments_comment;
DROP TRIGGER comments_hold_of_held_stays ON comments_hold;
DROP FUNCTION comments_held_has_a_hold();
"""


class Migration(migrations.Migration):
    dependencies = [("comments", "0002_holds_and_reports")]

    operations = [
        migrations.RunSQL(GIVE_HOLDS, migrations.RunSQL.noop),
        migrations.RunSQL(REFUSE, ALLOW),
    ]

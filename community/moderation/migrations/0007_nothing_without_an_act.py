"""What the record promises, held where the promise could be gone around.

Words are taken out of an act, and its names, only together with the account they are of: at the
end of the transaction that account is gone. Nobody empties the record with TRUNCATE; a test runner
says in its own session (``harbor.may_empty``) that it may. A comment is taken down, and a
member stopped, only with an act, and an act is told (migration 0001).
"""

from django.db import migrations

KEEP = """
CREATE OR REPLACE FUNCTION moderation_act_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was moderation_moderationact := OLD;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.by_id IS NULL THEN
            was.by_id := NULL;
        END IF;
        IF NEW.member_id IS NULL AND OLD.member_id IS NOT NULL THEN
            was.member_id := NULL;
            IF NEW.why = '' AND NEW.before = '' AND NEW.after = '' AND NEW.told = ''
                AND NEW.beside = '{}' THEN
                was.why := ''; was.before := ''; was.after := ''; was.told := '';
                was.beside := '{}';
            END IF;
        END IF;
        IF NEW = was THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the record of moderation is never changed or deleted'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION moderation_names_go_with_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM members_member
        WHERE (OLD.member_id IS DISTINCT FROM NEW.member_id AND id = OLD.member_id)
            OR (OLD.by_id IS DISTINCT FROM NEW.by_id AND id = OLD.by_id)
    ) THEN
        RAISE EXCEPTION 'a name leaves the record of moderation only with its account'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER moderation_names_go_with_accounts
    AFTER UPDATE ON moderation_moderationact DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION moderation_names_go_with_accounts();

CREATE FUNCTION moderation_is_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('harbor.may_empty', true), '') <> 'tests' THEN
        RAISE EXCEPTION 'the record of moderation is never emptied'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER moderation_act_is_not_emptied BEFORE TRUNCATE ON moderation_moderationact
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_is_not_emptied();
CREATE TRIGGER moderation_message_is_not_emptied BEFORE TRUNCATE ON moderation_message
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_is_not_emptied();

CREATE FUNCTION moderation_removed_has_act() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM moderation_moderationact
        WHERE comment_id = NEW.id AND what IN ('hidden', 'locked')
    ) THEN
        RAISE EXCEPTION 'a comment is taken down only with an act, which its writer is told'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER moderation_removed_has_act
    AFTER UPDATE OF state ON comments_comment DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.state = 'removed' AND OLD.state <> 'removed')
    EXECUTE FUNCTION moderation_removed_has_act();

CREATE FUNCTION moderation_stopped_has_act() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM members_member WHERE id = NEW.id) AND NOT EXISTS (
        SELECT 1 FROM moderation_moderationact
        WHERE member_id = NEW.id AND what IN ('paused', 'banned')
    ) THEN
        RAISE EXCEPTION 'a member is stopped only with an act, which she is told'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER moderation_stopped_has_act
    AFTER UPDATE OF suspended_until ON members_member DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (
        NEW.suspended_until IS NOT NULL AND NEW.suspended_until IS DISTINCT FROM OLD.suspended_until
    ) EXECUTE FUNCTION moderation_stopped_has_act();
"""
ALLOW = """
DROP TRIGGER moderation_stopped_has_act ON members_member;
DROP FUNCTION moderation_stopped_has_act();
DROP TRIGGER moderation_removed_has_act ON comments_comment;
DROP FUNCTION moderation_removed_has_act();
DROP TRIGGER moderation_message_is_not_emptied ON moderation_message;
DROP TRIGGER moderation_act_is_not_emptied ON moderation_moderationact;
DROP FUNCTION moderation_is_not_emptied();
DROP TRIGGER moderation_names_go_with_accounts ON moderation_moderationact;
DROP FUNCTION moderation_names_go_with_accounts();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0006_what_undoing_needs"),
        ("comments", "0006_newest_visible_comment"),
        ("members", "0005_closing_answers"),
    ]

    operations = [migrations.RunSQL(KEEP, ALLOW)]

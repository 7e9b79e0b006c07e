"""The database keeps the record: acts are only added, fill in whom they concern, make the message
that tells her, and cannot be decided twice by the same moderator.

A member who leaves takes her name and words out of the acts about her; that is the one change
there is. The name of a moderator may be emptied, so that an account can be closed.
"""

from django.db import migrations

KEEP = """
CREATE FUNCTION moderation_act_is_complete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decided_by bigint;
BEGIN
    IF NEW.comment_id IS NOT NULL THEN
        NEW.member_id := (SELECT author_id FROM comments_comment WHERE id = NEW.comment_id);
    END IF;
    IF NEW.by_id IS NULL THEN
        RAISE EXCEPTION 'an act of moderation is somebody''s' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.what IN ('restored', 'upheld', 'checked') THEN
        SELECT by_id INTO decided_by FROM moderation_moderationact WHERE id = NEW.answers_id;
        IF decided_by = NEW.by_id THEN
            RAISE EXCEPTION 'a second look is by a different moderator'
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER moderation_act_is_complete BEFORE INSERT ON moderation_moderationact
    FOR EACH ROW EXECUTE FUNCTION moderation_act_is_complete();

CREATE FUNCTION moderation_act_makes_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.told <> '' AND NEW.member_id IS NOT NULL THEN
        INSERT INTO moderation_message (act_id, member_id, must_acknowledge)
        VALUES (NEW.id, NEW.member_id, NEW.what = 'warned');
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER moderation_act_makes_message AFTER INSERT ON moderation_moderationact
    FOR EACH ROW EXECUTE FUNCTION moderation_act_makes_message();

CREATE FUNCTION moderation_act_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was moderation_moderationact := OLD;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.by_id IS NULL THEN
            was.by_id := NULL;
        END IF;
        IF NEW.member_id IS NULL AND OLD.member_id IS NOT NULL THEN
            was.member_id := NULL;
            IF NEW.why = '' AND NEW.before = '' AND NEW.after = '' AND NEW.told = '' THEN
                was.why := ''; was.before := ''; was.after := ''; was.told := '';
            END IF;
        END IF;
        IF NEW = was THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the record of moderation is never changed or deleted'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER moderation_act_stays BEFORE UPDATE OR DELETE ON moderation_moderationact
    FOR EACH ROW EXECUTE FUNCTION moderation_act_stays();

-- A message may be read, acknowledged and mailed; it goes only with the member it was for.
CREATE FUNCTION moderation_message_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.act_id = OLD.act_id AND NEW.member_id = OLD.member_id
        AND NEW.must_acknowledge = OLD.must_acknowledge THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND NOT EXISTS (
        SELECT 1 FROM moderation_moderationact WHERE id = OLD.act_id AND member_id = OLD.member_id
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what a member was told is not taken away from her'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER moderation_message_stays BEFORE UPDATE OR DELETE ON moderation_message
    FOR EACH ROW EXECUTE FUNCTION moderation_message_stays();

-- One answer, by whom the decision was about.
CREATE FUNCTION moderation_appeal_is_hers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM moderation_moderationact WHERE id = NEW.act_id AND member_id = NEW.member_id
    ) THEN
        RAISE EXCEPTION 'only whom a decision was about may appeal'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER moderation_appeal_is_hers BEFORE INSERT ON moderation_appeal
    FOR EACH ROW EXECUTE FUNCTION moderation_appeal_is_hers();
"""
ALLOW = """
DROP TRIGGER moderation_appeal_is_hers ON moderation_appeal;
DROP FUNCTION moderation_appeal_is_hers();
DROP TRIGGER moderation_message_stays ON moderation_message;
DROP FUNCTION moderation_message_stays();
DROP TRIGGER moderation_act_stays ON moderation_moderationact;
DROP FUNCTION moderation_act_stays();
DROP TRIGGER moderation_act_makes_message ON moderation_moderationact;
DROP FUNCTION moderation_act_makes_message();
DROP TRIGGER moderation_act_is_complete ON moderation_moderationact;
DROP FUNCTION moderation_act_is_complete();
"""


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_initial")]

    operations = [migrations.RunSQL(KEEP, ALLOW)]

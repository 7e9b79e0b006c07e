"""What an act is for happens only with one, as being taken down and being stopped do.

Words change by their writer's hand, who leaves the earlier text behind or sends refused words
again, or by an act that says what they read now. Holding all that a member writes and trusting her
agree with the newest act about it at the end of the transaction. What moderators leave under a
comment has the act that told its writer; of a closed conversation whoever began it is told.
"""

from django.db import migrations, models

WHAT = [
    ("accepted", "Showed a held comment"),
    ("kept", "Left as it is"),
    ("edited", "Took out a detail"),
    ("hidden", "Took a comment down"),
    ("locked", "Took a comment down and closed the conversation"),
    ("wrote", "Wrote to the member"),
    ("warned", "Warned the member"),
    ("held-all", "Reads everything first from now on"),
    ("released", "Stopped reading everything first"),
    ("trusted", "Trusts the member: what she writes shows at once"),
    ("paused", "Paused the account"),
    ("banned", "Closed the account for writing"),
    ("lifted", "Ended a pause or a ban"),
    ("noted", "Put a note under a comment"),
    ("unnoted", "Took a note away"),
    ("closed", "Closed the conversation under it, because of a reply"),
    ("unlocked", "Opened a conversation again"),
    ("restored", "Undid a decision after an appeal"),
    ("upheld", "Let a decision stand after an appeal"),
    ("asked", "Asked another moderator"),
    ("handed", "Handed over"),
    ("escalated", "Wrote down a call for help"),
    ("checked", "Looked a second time"),
    ("remembered", "Set the member remembered"),
    ("unremember", "Undid a memorial"),
]
TOLD = [
    "accepted", "edited", "hidden", "locked", "wrote", "warned", "held-all", "released", "trusted",
    "paused", "banned", "lifted", "noted", "unnoted", "closed", "restored", "upheld",
]  # fmt: skip

KEEP = """
CREATE FUNCTION moderation_words_have_act() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (  -- her own: edited, or an edit undone
        SELECT 1 FROM comments_commentversion
        WHERE comment_id = NEW.id AND source IN (OLD.source, NEW.source)
    ) OR EXISTS (
        SELECT 1 FROM moderation_moderationact act
        LEFT JOIN moderation_moderationact decided ON decided.id = act.answers_id
        WHERE act.comment_id = NEW.id AND (
            act.what = 'edited' AND act.after = NEW.source
            OR act.what = 'restored' AND decided.what = 'edited' AND decided.before = NEW.source)
    ) OR OLD.state = 'removed' AND EXISTS (  -- her own: refused, changed and sent again
        SELECT 1 FROM moderation_message message
        JOIN moderation_moderationact act ON act.id = message.act_id
        WHERE act.comment_id = NEW.id AND message.sent_again_at IS NOT NULL
    ) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'words are changed by their writer, or only with an act, which she is told'
        USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER moderation_words_have_act
    AFTER UPDATE OF source ON comments_comment
    FOR EACH ROW WHEN (
        NEW.source IS DISTINCT FROM OLD.source AND NOT (NEW.source = '' AND NEW.state = 'deleted')
    ) EXECUTE FUNCTION moderation_words_have_act();

-- The newest act that says of a member whether all she writes is held, or whether she is trusted.
CREATE FUNCTION moderation_newest_of(member bigint, kinds text[]) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT act.what FROM moderation_moderationact act
    LEFT JOIN moderation_moderationact decided ON decided.id = act.answers_id
    WHERE act.member_id = member
        AND (act.what = ANY(kinds) OR act.what = 'restored' AND decided.what = 'held-all'
            AND NOT EXISTS (  -- held again meanwhile: undoing the first changed nothing
                SELECT 1 FROM moderation_moderationact later
                WHERE later.member_id = member AND later.what = 'held-all'
                    AND later.id > decided.id AND later.id < act.id))
    ORDER BY act.id DESC LIMIT 1
$$;

CREATE FUNCTION moderation_holding_has_act() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    member bigint := coalesce(NEW.member_id, OLD.member_id);
    newest text := moderation_newest_of(member, ARRAY['held-all', 'released']);
BEGIN
    IF EXISTS (SELECT 1 FROM members_member WHERE id = member) AND (newest IS NULL OR
        (newest = 'held-all')
            <> EXISTS (SELECT 1 FROM comments_memberhold WHERE member_id = member)) THEN
        RAISE EXCEPTION 'all that a member writes is held only with an act, which she is told'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER moderation_holding_has_act
    AFTER INSERT OR DELETE ON comments_memberhold DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION moderation_holding_has_act();

CREATE FUNCTION moderation_trust_has_act() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    newest text := moderation_newest_of(NEW.id, ARRAY['held-all', 'trusted']);
BEGIN
    IF EXISTS (
        SELECT 1 FROM members_member WHERE id = NEW.id
        AND (newest IS NULL OR (newest = 'held-all') <> (trusted_at IS NULL))
    ) THEN
        RAISE EXCEPTION 'a member is trusted, or no longer, only with an act, which she is told'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER moderation_trust_has_act
    AFTER UPDATE OF trusted_at ON members_member DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((NEW.trusted_at IS NULL) <> (OLD.trusted_at IS NULL))
    EXECUTE FUNCTION moderation_trust_has_act();

CREATE FUNCTION moderation_mark_has_act() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    root comments_comment;
BEGIN
    -- Of a new row all of it, of a changed one what was not there before.
    IF NEW.detail_rule IS NOT NULL AND OLD.detail_rule IS NULL AND NOT EXISTS (
        SELECT 1 FROM moderation_moderationact
        WHERE comment_id = NEW.comment_id AND what = 'edited'
    ) OR NEW.note || NEW.ask_about <> ''
        AND (NEW.note, NEW.ask_about) IS DISTINCT FROM (OLD.note, OLD.ask_about) AND NOT EXISTS (
        SELECT 1 FROM moderation_moderationact
        WHERE comment_id = NEW.comment_id AND what = 'noted'
    ) THEN
        RAISE EXCEPTION 'a note stands under a comment only with an act, which its writer is told'
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT * INTO root FROM comments_comment WHERE id = NEW.comment_id;
    IF NEW.locked_at IS NOT NULL AND OLD.locked_at IS NULL AND root.id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM moderation_moderationact
        WHERE comment_id = root.id AND what IN ('locked', 'closed')
    ) AND NOT EXISTS (  -- about a reply, by whom or about whom the first comment is as well
        SELECT 1 FROM comments_comment c
        JOIN moderation_moderationact act ON act.comment_id = c.id AND act.what = 'locked'
        WHERE c.article_id = root.article_id AND c.thread_id = root.id
            AND (root.author_id IS NULL OR root.author_id IN (act.by_id, act.member_id))
    ) THEN
        RAISE EXCEPTION 'a conversation is closed only with an act, which who began it is told'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER moderation_mark_has_act
    AFTER INSERT OR UPDATE ON moderation_mark DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION moderation_mark_has_act();
"""
ALLOW = """
DROP TRIGGER moderation_mark_has_act ON moderation_mark;
DROP FUNCTION moderation_mark_has_act();
DROP TRIGGER moderation_trust_has_act ON members_member;
DROP FUNCTION moderation_trust_has_act();
DROP TRIGGER moderation_holding_has_act ON comments_memberhold;
DROP FUNCTION moderation_holding_has_act();
DROP FUNCTION moderation_newest_of(bigint, text[]);
DROP TRIGGER moderation_words_have_act ON comments_comment;
DROP FUNCTION moderation_words_have_act();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0007_nothing_without_an_act"),
        ("comments", "0006_newest_visible_comment"),
        ("members", "0005_closing_answers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="moderationact",
            name="what",
            field=models.CharField(choices=WHAT, max_length=10),
        ),
        migrations.AlterField(
            model_name="stockreply",
            name="what",
            field=models.CharField(
                blank=True,
                choices=WHAT,
                help_text="The decision it goes with. Empty: any.",
                max_length=10,
                verbose_name="for",
            ),
        ),
        migrations.RemoveConstraint(model_name="moderationact", name="act_tells_whom_it_concerns"),
        migrations.AddConstraint(
            model_name="moderationact",
            constraint=models.CheckConstraint(
                condition=models.Q(member=None) | ~models.Q(told="") | ~models.Q(what__in=TOLD),
                name="act_tells_whom_it_concerns",
            ),
        ),
        migrations.RunSQL(KEEP, ALLOW),
    ]

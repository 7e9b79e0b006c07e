"""What the database itself holds to: whole ballots, exact totals, choices that stay as they were.

The totals follow the ballots by a trigger, so that no way of changing a ballot can forget
them, and a vote is one statement whose locks are held for no round trip to the site.
"""

from django.db import migrations

UP = """
-- A ballot names positions of its own poll, each once, in order, and as many as the kind allows.
CREATE FUNCTION polls_check_ballot() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE least smallint; most smallint; known integer;
BEGIN
    IF current_setting('harbor.mixing_ballots', true) = 'on' THEN
        RETURN NEW;
    END IF;
    SELECT min_choices, max_choices INTO least, most FROM polls_poll WHERE id = NEW.poll_id;
    SELECT count(*) INTO known FROM polls_choice
        WHERE poll_id = NEW.poll_id AND position = ANY (NEW.choices);
    IF cardinality(NEW.choices) NOT BETWEEN least AND most
        OR known <> cardinality(NEW.choices)
        OR NEW.choices <> ARRAY(SELECT DISTINCT c FROM unnest(NEW.choices) AS c ORDER BY c)
        OR octet_length(NEW.voter_key) <> 32
    THEN
        RAISE EXCEPTION 'a ballot must name choices of its poll, as many as its kind allows'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ballot_fits_its_poll';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER polls_ballot_fits BEFORE INSERT OR UPDATE OF choices, poll_id ON polls_ballot
    FOR EACH ROW EXECUTE FUNCTION polls_check_ballot();

CREATE FUNCTION polls_count(for_poll bigint, key bytea, chosen smallint[], plus integer)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO polls_tally AS t (poll_id, part, voters, votes)
    VALUES (
        for_poll,
        get_byte(key, 0) % 8,
        plus,
        ARRAY(SELECT CASE WHEN n = ANY (chosen) THEN plus ELSE 0 END FROM generate_series(1, 8) n)
    )
    ON CONFLICT (poll_id, part) DO UPDATE SET
        voters = t.voters + EXCLUDED.voters,
        votes = ARRAY(
            SELECT t.votes[n] + EXCLUDED.votes[n] FROM generate_series(1, 8) n ORDER BY n
        )
$$;

CREATE FUNCTION polls_count_ballot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('harbor.mixing_ballots', true) = 'on' THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM polls_count(OLD.poll_id, OLD.voter_key, OLD.choices, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM polls_count(NEW.poll_id, NEW.voter_key, NEW.choices, 1);
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO polls_hourcount AS h (poll_id, hour, part, votes)
        VALUES (NEW.poll_id, date_trunc('hour', now()), get_byte(NEW.voter_key, 0) % 8, 1)
        ON CONFLICT (poll_id, hour, part) DO UPDATE SET votes = h.votes + 1;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER polls_ballot_counts AFTER INSERT OR DELETE ON polls_ballot
    FOR EACH ROW EXECUTE FUNCTION polls_count_ballot();
CREATE TRIGGER polls_ballot_recounts AFTER UPDATE ON polls_ballot
    FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION polls_count_ballot();

-- What people voted on is not changed under them. The lock makes a vote that is just being
-- cast wait, or this change: a ballot's foreign key holds the poll's row.
CREATE FUNCTION polls_refuse_rewording() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed bigint;
BEGIN
    IF TG_TABLE_NAME = 'polls_poll' THEN
        changed := OLD.id;
    ELSIF TG_OP = 'INSERT' THEN
        changed := NEW.poll_id;
    ELSE
        changed := OLD.poll_id;
    END IF;
    PERFORM 1 FROM polls_poll WHERE id = changed FOR UPDATE;
    IF EXISTS (SELECT FROM polls_ballot WHERE poll_id = changed) THEN
        RAISE EXCEPTION 'people have voted: the question and its choices stay as they are'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER polls_choice_stays BEFORE INSERT OR DELETE ON polls_choice
    FOR EACH ROW EXECUTE FUNCTION polls_refuse_rewording();
CREATE TRIGGER polls_choice_keeps_its_words BEFORE UPDATE ON polls_choice
    FOR EACH ROW WHEN (
        (OLD.poll_id, OLD.position, OLD.text, OLD.picture_id)
        IS DISTINCT FROM (NEW.poll_id, NEW.position, NEW.text, NEW.picture_id)
    ) EXECUTE FUNCTION polls_refuse_rewording();
CREATE TRIGGER polls_poll_keeps_its_words BEFORE UPDATE ON polls_poll
    FOR EACH ROW WHEN (
        (OLD.kind, OLD.slug, OLD.question, OLD.context, OLD.min_choices, OLD.max_choices)
        IS DISTINCT FROM
        (NEW.kind, NEW.slug, NEW.question, NEW.context, NEW.min_choices, NEW.max_choices)
    ) EXECUTE FUNCTION polls_refuse_rewording();

-- Counters are written over and over: room on the page keeps that cheap.
ALTER TABLE polls_tally SET (fillfactor = 50);
ALTER TABLE polls_hourcount SET (fillfactor = 50);
"""
DOWN = """
DROP TRIGGER polls_poll_keeps_its_words ON polls_poll;
DROP TRIGGER polls_choice_keeps_its_words ON polls_choice;
DROP TRIGGER polls_choice_stays ON polls_choice;
DROP TRIGGER polls_ballot_recounts ON polls_ballot;
DROP TRIGGER polls_ballot_counts ON polls_ballot;
DROP TRIGGER polls_ballot_fits ON polls_ballot;
DROP FUNCTION polls_refuse_rewording;
DROP FUNCTION polls_count_ballot;
DROP FUNCTION polls_count;
DROP FUNCTION polls_check_ballot;
"""


class Migration(migrations.Migration):
    dependencies = [("polls", "0001_initial")]

    operations = [migrations.RunSQL(UP, DOWN)]

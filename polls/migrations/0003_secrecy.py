"""Counts that do not point back at ballots, words that cannot change under a vote, and keys
that no log is told.

``part`` is the number of the database's own process: it says nothing of the ballot, and one
transaction writes one part only, so that two of them cannot wait for each other.
"""

import django.db.models.deletion
from django.db import migrations, models

UP = """
-- Parts were made of keys. What was counted so far goes into one part.
WITH gone AS (DELETE FROM polls_hourcount RETURNING *)
INSERT INTO polls_hourcount (poll_id, hour, part, votes)
SELECT poll_id, hour, 0, sum(votes) FROM gone GROUP BY poll_id, hour;

WITH gone AS (DELETE FROM polls_tally RETURNING *)
INSERT INTO polls_tally (poll_id, part, voters, votes)
SELECT poll_id, 0, sum(voters), ARRAY[
    sum(votes[1]), sum(votes[2]), sum(votes[3]), sum(votes[4]),
    sum(votes[5]), sum(votes[6]), sum(votes[7]), sum(votes[8])
] FROM gone GROUP BY poll_id;

SET CONSTRAINTS ALL IMMEDIATE;

-- As before, and the poll's row is held: rewording waits for this ballot, or this for it.
CREATE OR REPLACE FUNCTION polls_check_ballot() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE least smallint; most smallint; known integer;
BEGIN
    IF current_setting('harbor.mixing_ballots', true) = 'on' THEN
        RETURN NEW;
    END IF;
    SELECT min_choices, max_choices INTO least, most FROM polls_poll WHERE id = NEW.poll_id
        FOR KEY SHARE;
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

DROP TRIGGER polls_ballot_counts ON polls_ballot;
DROP TRIGGER polls_ballot_recounts ON polls_ballot;
DROP FUNCTION polls_count_ballot;
DROP FUNCTION polls_count;

CREATE FUNCTION polls_count(for_poll bigint, chosen smallint[], plus integer)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO polls_tally AS t (poll_id, part, voters, votes)
    VALUES (
        for_poll,
        pg_backend_pid() % 8,
        plus,
        ARRAY(SELECT CASE WHEN n = ANY (chosen) THEN plus ELSE 0 END FROM generate_series(1, 8) n)
    )
    ON CONFLICT (poll_id, part) DO UPDATE SET
        voters = t.voters + EXCLUDED.voters,
        votes = ARRAY(
            SELECT t.votes[n] + EXCLUDED.votes[n] FROM generate_series(1, 8) n ORDER BY n
        )
$$;

-- A vote that is taken back is taken out of the hour in which that happens: one visitor who
-- votes and takes back all day draws no burst.
CREATE FUNCTION polls_count_ballot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('harbor.mixing_ballots', true) = 'on' THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM polls_count(OLD.poll_id, OLD.choices, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM polls_count(NEW.poll_id, NEW.choices, 1);
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO polls_hourcount AS h (poll_id, hour, part, votes)
        VALUES (NEW.poll_id, date_trunc('hour', now()), pg_backend_pid() % 8, 1)
        ON CONFLICT (poll_id, hour, part) DO UPDATE SET votes = h.votes + 1;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO polls_hourcount AS h (poll_id, hour, part, votes)
        VALUES (OLD.poll_id, date_trunc('hour', now()), pg_backend_pid() % 8, -1)
        ON CONFLICT (poll_id, hour, part) DO UPDATE SET votes = h.votes - 1;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER polls_ballot_counts AFTER INSERT OR DELETE ON polls_ballot
    FOR EACH ROW EXECUTE FUNCTION polls_count_ballot();
-- Another key is not another vote.
CREATE TRIGGER polls_ballot_recounts AFTER UPDATE ON polls_ballot
    FOR EACH ROW WHEN (
        (OLD.poll_id, OLD.choices) IS DISTINCT FROM (NEW.poll_id, NEW.choices)
    ) EXECUTE FUNCTION polls_count_ballot();

-- What people voted on is not changed under them; and each change that is allowed counts up
-- the poll's wording, which a vote names: nobody's press counts for words she has not read.
CREATE OR REPLACE FUNCTION polls_refuse_rewording() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed bigint[];
BEGIN
    IF TG_TABLE_NAME = 'polls_poll' THEN
        changed := ARRAY[OLD.id];
    ELSIF TG_OP = 'INSERT' THEN
        changed := ARRAY[NEW.poll_id];
    ELSIF TG_OP = 'DELETE' THEN
        changed := ARRAY[OLD.poll_id];
    ELSE
        changed := ARRAY[OLD.poll_id, NEW.poll_id];
    END IF;
    PERFORM 1 FROM polls_poll WHERE id = ANY (changed) ORDER BY id FOR UPDATE;
    IF EXISTS (SELECT FROM polls_ballot WHERE poll_id = ANY (changed)) THEN
        RAISE EXCEPTION 'people have voted: the question and its choices stay as they are'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_TABLE_NAME = 'polls_poll' THEN
        NEW.wording := OLD.wording + 1;
    ELSE
        UPDATE polls_poll SET wording = wording + 1 WHERE id = ANY (changed);
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

-- A form that was opened before saves an older number.
CREATE FUNCTION polls_keep_wording() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.wording := OLD.wording;
    RETURN NEW;
END $$;
CREATE TRIGGER polls_poll_counts_wording_up BEFORE UPDATE ON polls_poll
    FOR EACH ROW WHEN (NEW.wording < OLD.wording) EXECUTE FUNCTION polls_keep_wording();

-- The newest ballots of a poll laid anew among some older ones, all in the order of their
-- keys and in one transaction; returns how many were new. Votes wait: a row that is taken and
-- laid again would otherwise be missed by those who look for it at that moment.
CREATE FUNCTION polls_mix(for_poll bigint, at_once integer, company integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE fresh bytea[]; others bytea[]; start bytea;
BEGIN
    SELECT array_agg(voter_key) INTO fresh FROM (
        SELECT b.voter_key FROM polls_ballot b
        WHERE b.poll_id = for_poll AND NOT EXISTS (
            SELECT FROM polls_mixing m
            WHERE m.poll_id = for_poll AND m.transaction = b.xmin::text::bigint
        ) ORDER BY b.voter_key LIMIT at_once
    ) AS newest;
    IF fresh IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM set_config('lock_timeout', '3s', true);
    LOCK TABLE polls_ballot IN SHARE ROW EXCLUSIVE MODE;
    start := uuid_send(gen_random_uuid());
    SELECT array_agg(voter_key) INTO others FROM (
        SELECT voter_key FROM polls_ballot WHERE poll_id = for_poll AND voter_key >= start
        ORDER BY voter_key LIMIT company
    ) AS after_start;
    SELECT others || array_agg(voter_key) INTO others FROM (
        SELECT voter_key FROM polls_ballot WHERE poll_id = for_poll AND voter_key < start
        ORDER BY voter_key LIMIT company - coalesce(cardinality(others), 0)
    ) AS from_the_beginning;
    PERFORM set_config('harbor.mixing_ballots', 'on', true);
    WITH taken AS (
        DELETE FROM polls_ballot b
        WHERE b.poll_id = for_poll AND b.voter_key = ANY (fresh || others)
        RETURNING b.voter_key, b.choices
    ), laid AS (
        INSERT INTO polls_ballot (poll_id, voter_key, choices)
        SELECT for_poll, voter_key, choices FROM taken ORDER BY voter_key
        RETURNING xmin
    )
    INSERT INTO polls_mixing (poll_id, transaction)
    SELECT DISTINCT for_poll, xmin::text::bigint FROM laid ON CONFLICT DO NOTHING;
    PERFORM set_config('harbor.mixing_ballots', 'off', true);
    RETURN cardinality(fresh);
END $$;

-- In these, keys come from a setting of the transaction: Postgres writes a statement that
-- failed into its log, with every value in it.
CREATE FUNCTION polls_voted_in() RETURNS SETOF bigint LANGUAGE sql AS $$
    SELECT p.poll FROM (
        SELECT split_part(pair, ':', 1)::bigint AS poll,
               decode(split_part(pair, ':', 2), 'hex') AS key
        FROM unnest(string_to_array(current_setting('harbor.voter_keys'), ' ')) AS pair
    ) AS p JOIN LATERAL (
        SELECT FROM polls_ballot b WHERE b.poll_id = p.poll AND b.voter_key = p.key LIMIT 1
    ) AS there ON true ORDER BY p.poll
$$;

CREATE FUNCTION polls_adopt(for_poll bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    guest bytea := decode(current_setting('harbor.guest_key'), 'hex');
    member bytea := decode(current_setting('harbor.member_key'), 'hex');
    chosen smallint[];
    is_new boolean;
BEGIN
    -- While ballots are laid anew, wait here: a row looked for before would be gone.
    LOCK TABLE polls_ballot IN ROW EXCLUSIVE MODE;
    SELECT choices INTO chosen FROM polls_ballot
        WHERE poll_id = for_poll AND voter_key = guest FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM set_config('harbor.mixing_ballots', 'on', true);
    INSERT INTO polls_ballot (poll_id, voter_key, choices) VALUES (for_poll, member, chosen)
        ON CONFLICT DO NOTHING;
    is_new := FOUND;
    IF is_new THEN
        DELETE FROM polls_ballot WHERE poll_id = for_poll AND voter_key = guest;
    END IF;
    PERFORM set_config('harbor.mixing_ballots', 'off', true);
    IF NOT is_new THEN
        DELETE FROM polls_ballot b USING polls_poll p
            WHERE b.poll_id = for_poll AND b.voter_key = guest AND p.id = for_poll
            AND (p.closes_at IS NULL OR p.closes_at > clock_timestamp());
    END IF;
    RETURN is_new;
END $$;

CREATE FUNCTION polls_forget(for_poll bigint, is_removed boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE key bytea := decode(current_setting('harbor.voter_key'), 'hex');
BEGIN
    LOCK TABLE polls_ballot IN ROW EXCLUSIVE MODE;
    IF is_removed THEN
        DELETE FROM polls_ballot WHERE poll_id = for_poll AND voter_key = key;
    ELSE
        UPDATE polls_ballot SET voter_key = sha256(
            uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
        ) WHERE poll_id = for_poll AND voter_key = key;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("polls", "0002_counts_and_locks")]

    operations = [
        migrations.AddField(
            model_name="poll",
            name="wording",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AlterField(
            model_name="poll",
            name="closes_at",
            field=models.DateTimeField(
                blank=True,
                help_text="From this minute nobody can vote; 00:00 is the end of the day before. "
                "Empty: stays open.",
                null=True,
            ),
        ),
        migrations.CreateModel(
            name="Mixing",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "poll_id",
                        "transaction",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("transaction", models.BigIntegerField()),
                (
                    "poll",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mixings",
                        to="polls.poll",
                    ),
                ),
            ],
            options={"default_permissions": []},
        ),
        # Only forwards: going back would need counts that point at ballots.
        migrations.RunSQL(UP),
    ]

"""What TRUNCATE would get past: consent records and the ledger of deliveries are not emptied
whole, and a record bears the database's own moment, whatever it is handed.

The runner of the tests empties every table after tests of several connections; its sessions, and
nobody's else, say ``harbor.may_empty = tests`` (settings/test.py).
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION newsletter_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('harbor.may_empty', true), '') = 'tests' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER newsletter_records_are_never_emptied
    BEFORE TRUNCATE ON newsletter_consentrecord
    FOR EACH STATEMENT EXECUTE FUNCTION newsletter_refuse_truncate();
CREATE TRIGGER newsletter_deliveries_are_never_emptied
    BEFORE TRUNCATE ON newsletter_delivery
    FOR EACH STATEMENT EXECUTE FUNCTION newsletter_refuse_truncate();

CREATE FUNCTION newsletter_by_the_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE TRIGGER newsletter_records_bear_their_moment
    BEFORE INSERT ON newsletter_consentrecord
    FOR EACH ROW EXECUTE FUNCTION newsletter_by_the_clock();
"""
ALLOW = """
DROP TRIGGER newsletter_records_bear_their_moment ON newsletter_consentrecord;
DROP TRIGGER newsletter_deliveries_are_never_emptied ON newsletter_delivery;
DROP TRIGGER newsletter_records_are_never_emptied ON newsletter_consentrecord;
DROP FUNCTION newsletter_by_the_clock();
DROP FUNCTION newsletter_refuse_truncate();
"""


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0003_worker_marks_and_notices")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]

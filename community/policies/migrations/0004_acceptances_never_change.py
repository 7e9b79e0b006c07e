"""The database refuses to change who agreed to what, and when. Rows go with the account."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION policies_refuse_acceptance_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an acceptance is never changed' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER policies_acceptance_never_changes
    BEFORE UPDATE ON policies_acceptance
    FOR EACH ROW EXECUTE FUNCTION policies_refuse_acceptance_change();
"""
ALLOW = """
DROP TRIGGER policies_acceptance_never_changes ON policies_acceptance;
DROP FUNCTION policies_refuse_acceptance_change();
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0003_acceptance")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]

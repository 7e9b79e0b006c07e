"""The database itself refuses to change or delete a consent record.

The erasure verb names, for its own transaction, the people whose rows may go
(``newsletter.erasing``, set by community.newsletter.consent.delete_with_record).
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION newsletter_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.subscriber_id::text = ANY(
        string_to_array(coalesce(current_setting('newsletter.erasing', true), ''), ',')
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a consent record is never changed or deleted'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER newsletter_records_are_only_added
    BEFORE UPDATE OR DELETE ON newsletter_consentrecord
    FOR EACH ROW EXECUTE FUNCTION newsletter_refuse_change();
"""
ALLOW = """
DROP TRIGGER newsletter_records_are_only_added ON newsletter_consentrecord;
DROP FUNCTION newsletter_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]

"""Every account gets a handle, and the record of memorial acts is only ever added to.

The name of who acted may be emptied, so that an account can be closed.
"""

from django.db import migrations

from community.members.names import handle_for

REFUSE = """
CREATE FUNCTION members_refuse_act_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    OLD.by_id := NULL;
    IF NEW = OLD THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a memorial act is never changed' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER members_memorial_acts_never_change
    BEFORE UPDATE ON members_memorialact
    FOR EACH ROW EXECUTE FUNCTION members_refuse_act_change();
"""
ALLOW = """
DROP TRIGGER members_memorial_acts_never_change ON members_memorialact;
DROP FUNCTION members_refuse_act_change();
"""


def give_handles(apps, schema_editor):
    members = apps.get_model("members", "Member").objects.using(schema_editor.connection.alias)

    def is_taken(handle):
        return members.filter(handle=handle).exists()

    for member in members.filter(handle=None):
        member.handle = handle_for(member.display_name, is_taken=is_taken)
        member.save(update_fields=["handle"])


class Migration(migrations.Migration):
    dependencies = [("members", "0002_leaving_memorial_and_others")]

    operations = [
        migrations.RunPython(give_handles, migrations.RunPython.noop),
        migrations.RunSQL(REFUSE, ALLOW),
    ]

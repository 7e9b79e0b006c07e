"""Memorials set before the record knew of them stand in it, at the moment they were set.

Safe to repeat. Those by a moderator whose account is closed by now are nobody's, as all her acts
are; only here may the record begin with no name.
"""

from django.db import migrations

WRITE = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE moderation_moderationact DISABLE TRIGGER moderation_act_is_complete;
INSERT INTO moderation_moderationact
    (at, by_id, member_id, what, why, before, after, told, source, line, needs_check)
SELECT m.at, m.by_id, m.member_id, k.what, m.note, '', '', '', 'person', '', false
FROM members_memorialact m
JOIN (VALUES ('remembered', 'remembered'), ('undone', 'unremember')) k (verb, what)
    ON k.verb = m.verb
WHERE m.by_id IS DISTINCT FROM m.member_id AND NOT EXISTS (
    SELECT 1 FROM moderation_moderationact a
    WHERE a.member_id = m.member_id AND a.what = k.what
        AND a.at BETWEEN m.at - interval '1 minute' AND m.at + interval '1 minute'
)
ORDER BY m.id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE moderation_moderationact ENABLE TRIGGER moderation_act_is_complete;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0008_told_of_each_change"),
        ("members", "0007_codes_for_confirming"),
    ]

    operations = [migrations.RunSQL(WRITE, migrations.RunSQL.noop)]

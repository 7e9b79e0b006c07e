from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

# The letter she had last is the one she pressed "unwanted" on.
MARK = """
UPDATE newsletter_delivery d SET complained_at = s.returned_at
FROM newsletter_subscriber s
WHERE s.returned = 'complaint' AND d.id = (
    SELECT id FROM newsletter_delivery
    WHERE subscriber_id = s.id AND state = 'sent' ORDER BY done_at DESC LIMIT 1
)
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("newsletter", "0004_no_truncate_and_the_clock")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="complained_at",
            field=models.DateTimeField(null=True),
        ),
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                models.F("issue"),
                condition=models.Q(("complained_at__isnull", False)),
                name="delivery_unwanted",
            ),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="issue", name="complaints"),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("articles", "0003_history_stays_and_search")]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="took_off",
            field=models.JSONField(editable=False, null=True),
        ),
    ]

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("articles", "0006_one_form_one_article")]

    operations = [
        migrations.AlterModelOptions(
            name="auditentry",
            options={
                "ordering": ["-at", "-pk"],
                "verbose_name": "log entry",
                "verbose_name_plural": "log entries",
            },
        ),
    ]

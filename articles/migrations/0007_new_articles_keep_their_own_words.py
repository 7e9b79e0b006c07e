"""Words typed for a new article are kept by the form they were typed in, not by the editor."""

from django.db import migrations, models
from django.db.models import Q


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
        migrations.AddField(
            model_name="unsavedwords",
            name="key",
            field=models.CharField(blank=True, default="", max_length=32),
        ),
        migrations.RemoveConstraint(model_name="unsavedwords", name="unsaved_new_article_once"),
        migrations.AddConstraint(
            model_name="unsavedwords",
            constraint=models.UniqueConstraint(
                fields=["editor", "key"],
                condition=Q(article=None),
                name="unsaved_new_article_once",
            ),
        ),
    ]

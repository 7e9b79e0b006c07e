"""An article open in two tabs: what is typed in one stays beside what is typed in the other."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("articles", "0008_history_is_not_emptied")]

    operations = [
        migrations.RemoveConstraint(model_name="unsavedwords", name="unsaved_words_once"),
        migrations.AddConstraint(
            model_name="unsavedwords",
            constraint=models.UniqueConstraint(
                fields=["article", "editor", "key"], name="unsaved_words_once"
            ),
        ),
    ]

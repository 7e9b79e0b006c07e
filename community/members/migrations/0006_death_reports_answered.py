from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0005_closing_answers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="deathreport",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("remembered", "Remembered"),
                    ("mistake", "It was a mistake"),
                    ("unknown", "We could not find out"),
                    ("answered", "No account: mail stopped, and the writer was answered"),
                ],
                max_length=12,
            ),
        ),
    ]

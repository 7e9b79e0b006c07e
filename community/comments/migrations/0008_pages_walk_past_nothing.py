"""The indexes of pages hold only what leaves a place there: however much waits or is hidden, a page
walks past none of it. May be run again where it was cut short, but for an index left invalid.
"""

from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

STEP = 5_000


def take_places(apps, schema_editor):
    """What waits or is hidden now and nobody has answered, a few thousand at a time. The trigger
    says which: this only has it look."""
    Comment = apps.get_model("comments", "Comment")
    last = 0
    while True:
        unseen = Comment.objects.filter(pk__gt=last, state__in=["held", "hidden"])
        keys = list(unseen.order_by("pk").values_list("pk", flat=True)[:STEP])
        if not keys:
            return
        Comment.objects.filter(pk__in=keys).update(has_place=False)
        last = keys[-1]


class Migration(migrations.Migration):
    atomic = False  # indexes are made beside the work of the site
    dependencies = [
        ("articles", "0006_one_form_one_article"),
        ("comments", "0007_places_of_comments"),
        ("policies", "0005_email_consent"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(take_places, migrations.RunPython.noop, elidable=True),
        AddIndexConcurrently(
            "comment",
            models.Index(
                condition=Q(("has_place", True)), fields=["article", "path"], name="comment_places"
            ),
        ),
        AddIndexConcurrently(
            "comment",
            models.Index(
                condition=Q(("has_place", True), ("parent", None)),
                fields=["article", "id"],
                name="comment_threads_placed",
            ),
        ),
        AddIndexConcurrently(
            "comment",
            models.Index(
                condition=Q(("has_place", False), ("state", "held")),
                fields=["author", "article", "path"],
                name="comment_own_waiting",
            ),
        ),
        RemoveIndexConcurrently("comment", "comment_article_path"),
        RemoveIndexConcurrently("comment", "comment_threads"),
    ]

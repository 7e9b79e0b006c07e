"""Threads are walked by a column that only their own index orders."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False  # indexes are made beside the work of the site
    dependencies = [("comments", "0008_pages_walk_past_nothing")]

    operations = [
        AddIndexConcurrently(
            "comment",
            models.Index(
                condition=Q(("has_place", True), ("parent", None)),
                fields=["article", "thread_id"],
                name="comment_threads_in_order",
            ),
        ),
        RemoveIndexConcurrently("comment", "comment_threads_placed"),
    ]

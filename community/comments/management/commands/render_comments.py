from django.core.management.base import BaseCommand

from community.comments import words
from community.comments.models import Comment

AT_ONCE = 500


class Command(BaseCommand):
    help = "Make the HTML of comments again that an earlier version of the renderer made."

    def add_arguments(self, parser):
        parser.add_argument("--all", action="store_true", help="Also those that are up to date.")

    def handle(self, *, all, **options):
        made, last = 0, 0
        while batch := self.next_batch(last, all):
            for comment in batch:
                words.render(comment)
            Comment.objects.bulk_update(batch, ["html", "stamp", "renderer"])
            made, last = made + len(batch), batch[-1].pk
        self.stdout.write(f"Rendered {made} comments")

    def next_batch(self, last, every_one):
        wanted = Comment.objects.filter(pk__gt=last).exclude(source="").order_by("pk")
        return list((wanted if every_one else wanted.exclude(renderer=words.RENDERER))[:AT_ONCE])

from django.core.management.base import BaseCommand, CommandError

from advocacy_site.html import TooMuch
from articles.models import Article
from articles.rendering import render_again


class Command(BaseCommand):
    help = "Make the HTML of every article again, after the code that makes it has changed."

    def handle(self, **options):
        changed, refused = 0, 0
        articles = list(Article.objects.order_by("pk").values_list("pk", "slug"))
        for pk, slug in articles:
            try:
                changed += render_again(pk)
            except TooMuch as too_much:
                refused += 1
                self.stderr.write(f"{slug}: {too_much}")
        self.stdout.write(f"{changed} of {len(articles)} articles changed.")
        if refused:
            raise CommandError(f"{refused} articles keep the HTML they had.")

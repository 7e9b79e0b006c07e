from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from articles.exporting import export_article
from articles.models import Article


class Command(BaseCommand):
    help = "Write an article as the Markdown file that import_article reads."

    def add_arguments(self, parser):
        parser.add_argument("slug")
        parser.add_argument("--to", type=Path, metavar="FILE", help="a file, instead of the screen")

    def handle(self, *, slug, to, **options):
        article = Article.objects.select_related("hero").filter(slug=slug).first()
        if article is None:
            raise CommandError(f'There is no article "{slug}".')
        text = export_article(article)
        if to:
            to.write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")

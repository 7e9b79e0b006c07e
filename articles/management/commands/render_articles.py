from django.core.management.base import BaseCommand

from articles.models import Article


class Command(BaseCommand):
    help = "Make the HTML of every article again, after the code that makes it has changed."

    def handle(self, **options):
        count = 0
        for article in Article.objects.iterator(chunk_size=100):
            article.save()
            count += 1
        self.stdout.write(f"{count} articles rendered.")

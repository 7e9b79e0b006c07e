from django.apps import AppConfig
from django.db.models.signals import post_migrate

from advocacy_site.watched_tables import watch


class ArticlesConfig(AppConfig):
    name = "articles"

    def ready(self):
        from . import renditions  # noqa: F401 - listens for finished pictures
        from .editors import create_editor_group

        self.tell_what_readers_see()
        post_migrate.connect(create_editor_group, sender=self)

    def tell_what_readers_see(self):
        from .models import Article, ArticleTopic, Byline, Contributor, FormerSlug, Picture, Topic

        watch(Article, clock=("published_at", "withdraw_at", "next_at"))
        for model in (ArticleTopic, Byline, Contributor, FormerSlug, Picture, Topic):
            watch(model)
        watch(Article.related.through)

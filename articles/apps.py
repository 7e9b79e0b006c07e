from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ArticlesConfig(AppConfig):
    name = "articles"

    def ready(self):
        from . import renditions  # noqa: F401 - listens for finished pictures
        from .editors import create_editor_group

        post_migrate.connect(create_editor_group, sender=self)

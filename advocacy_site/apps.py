from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db import connections
from django.db.models.signals import post_migrate


class AdvocacySiteConfig(AppConfig):
    name = "advocacy_site"

    def ready(self):
        post_migrate.connect(install_triggers, sender=self)


def install_triggers(using, **kwargs):
    """After every migrate: the tables that readers see tell of their changes."""
    from .watched_tables import install_triggers

    with connections[using].cursor() as cursor:
        install_triggers(cursor)


class HarborAdminConfig(AdminConfig):
    default_site = "advocacy_site.admin_site.HarborAdminSite"

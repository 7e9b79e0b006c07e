from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class AdvocacySiteConfig(AppConfig):
    name = "advocacy_site"


class HarborAdminConfig(AdminConfig):
    default_site = "advocacy_site.admin_site.HarborAdminSite"

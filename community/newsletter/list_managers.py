"""The group of those who answer for the list: they see subscribers (masked), read reports of
deaths and may export. Editors of letters are not among them."""

from django.apps import apps
from django.contrib.auth.management import create_permissions

LIST_MANAGERS = "List managers"
MAY = ["view_subscriber", "change_subscriber", "export_subscribers"]


def create_group(sender, using, **kwargs):
    """After the first migration. Later changes an admin makes are kept."""
    from django.contrib.auth.models import Group, Permission  # apps are not loaded at import

    create_permissions(apps.get_app_config("newsletter"), verbosity=0, using=using)
    group, created = Group.objects.using(using).get_or_create(name=LIST_MANAGERS)
    if created:
        may = Permission.objects.using(using).filter(content_type__app_label="newsletter")
        group.permissions.add(*may.filter(codename__in=MAY))

"""The first group of editors: they run the magazine and the posted texts, and nothing else."""

from django.apps import apps
from django.contrib.auth.management import create_permissions

EDITORS = "Editors"
MODELS_EDITORS_RUN = {
    "articles": ["article", "articletopic", "byline", "contributor", "picture", "topic"],
    "policies": ["policyversion"],
    "newsletter": ["issue"],
}


def create_editor_group(sender, using, **kwargs):
    """After the first migration, create the group. Later changes an admin makes are kept."""
    from django.contrib.auth.models import Group, Permission  # apps are not loaded at import

    group, created = Group.objects.using(using).get_or_create(name=EDITORS)
    if not created:
        return
    for app_label, models in MODELS_EDITORS_RUN.items():
        # The permissions themselves are made by a later handler of the same signal.
        create_permissions(apps.get_app_config(app_label), verbosity=0, using=using)
        group.permissions.add(
            *Permission.objects.using(using).filter(
                content_type__app_label=app_label, content_type__model__in=models
            )
        )

"""The first groups: editors run the magazine and the posted texts; contributors write their
own articles and submit them. Neither may do anything else."""

from django.apps import apps
from django.contrib.auth.management import create_permissions

EDITORS = "Editors"
CONTRIBUTORS = "Contributors"
# Models whose every permission a group holds; single permissions are named in full.
MODELS_EDITORS_RUN = {
    "articles": ["article", "articletopic", "byline", "contributor", "picture", "topic"],
    "policies": ["policyversion"],
    "newsletter": ["issue"],
}
CONTRIBUTORS_MAY = ["write_article"]
NOT_FOR_EDITORS = ["write_article"]


def create_editor_group(sender, using, **kwargs):
    """After the first migration, create the groups. Later changes an admin makes are kept."""
    for app_label in MODELS_EDITORS_RUN:
        # The permissions themselves are made by a later handler of the same signal.
        create_permissions(apps.get_app_config(app_label), verbosity=0, using=using)
    if editors := _new_group(EDITORS, using):
        for app_label, models in MODELS_EDITORS_RUN.items():
            editors.permissions.add(
                *_permissions(using, app_label, content_type__model__in=models).exclude(
                    codename__in=NOT_FOR_EDITORS
                )
            )
    if contributors := _new_group(CONTRIBUTORS, using):
        contributors.permissions.add(
            *_permissions(using, "articles", codename__in=CONTRIBUTORS_MAY)
        )


def _new_group(name: str, using: str):
    from django.contrib.auth.models import Group  # apps are not loaded at import

    group, created = Group.objects.using(using).get_or_create(name=name)
    return group if created else None


def _permissions(using: str, app_label: str, **which):
    from django.contrib.auth.models import Permission

    return Permission.objects.using(using).filter(content_type__app_label=app_label, **which)

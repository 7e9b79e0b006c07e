"""Editors make and run polls. Nobody has a permission on ballots: there is none."""

from django.contrib.auth.management import create_permissions

from articles.editors import EDITORS


def let_editors_run_polls(sender, using, plan=None, **kwargs):
    """Once, with the first migration of this app; what an admin changes later is kept.

    Without a plan the tables were just emptied, as tests do.
    """
    from django.contrib.auth.models import Group, Permission  # apps are not loaded at import

    first = plan is None or any(
        (migration.app_label, migration.name, backwards) == ("polls", "0001_initial", False)
        for migration, backwards in plan
    )
    group = Group.objects.using(using).filter(name=EDITORS).first()
    if not first or group is None:
        return
    create_permissions(sender, verbosity=0, using=using)
    group.permissions.add(
        *Permission.objects.using(using).filter(
            content_type__app_label="polls",
            content_type__model__in=["poll", "choice", "placement"],
        )
    )

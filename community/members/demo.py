"""Two accounts for local use. Their password stands in the README; never load them elsewhere."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import CommandError
from django.utils import timezone

from .models import Member

PASSWORD = "harbor-demo"  # noqa: S105 - for a machine of one's own


def load(say):
    if not settings.ALLOW_DEMO_LOGINS:
        raise CommandError("Demonstration logins are for local use only, not for production.")
    admin = account("admin@harbor.example", "Harbor admin")
    admin.is_superuser = True
    admin.save()
    editor = account("editor@harbor.example", "Harbor editor")
    editor.groups.add(Group.objects.get(name="Editors"))
    say("Logins: admin@harbor.example and editor@harbor.example, password harbor-demo")


def account(email: str, display_name: str) -> Member:
    member = Member.objects.filter(email=email).first()
    if member is None:
        member = Member.objects.create_user(
            email,
            PASSWORD,
            display_name=display_name,
            is_staff=True,
            trusted_at=timezone.now(),
        )
    return member

"""Everything the site knows about a member, to take along: readable HTML and JSON in a zip."""

import io
import json
import zipfile
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from . import personal_data, tasks
from .mailing import mail_member
from .models import Export, Member

HOURS_KEPT = 48
HOURS_BETWEEN = 24


@transaction.atomic
def ask(member: Member) -> Export | None:
    """Begin an export; None when there was one in the last 24 hours."""
    Member.objects.select_for_update().get(pk=member.pk)
    now = timezone.now()
    if member.exports.filter(asked_at__gt=now - timedelta(hours=HOURS_BETWEEN)).exists():
        return None
    export = Export.objects.create(member=member, asked_at=now)
    tasks.make_export.enqueue(export.pk)
    return export


def make(export_id: int) -> bool:
    """Fill the archive and tell its owner; once, however often the task runs."""
    with transaction.atomic():
        export = (
            Export.objects.select_for_update(of=["self"])
            .filter(pk=export_id, made_at=None)
            .select_related("member")
            .first()
        )
        if export is None:
            return False
        export.archive = archive_of(export.member)
        export.made_at = timezone.now()
        export.expires_at = export.made_at + timedelta(hours=HOURS_KEPT)
        export.save()
    url = settings.SITE_URL + reverse("members:your-data")
    mail_member("export-ready", export.member_id, {"url": url, "hours": HOURS_KEPT}, own_deed=True)
    return True


def archive_of(member: Member) -> bytes:
    parts = {
        name: [dict(thing) for thing in function(member)]
        for name, function in personal_data.exports().items()
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("your-data.html", as_html(member, parts))
        archive.writestr(
            "your-data.json", json.dumps(parts, ensure_ascii=False, indent=2, default=as_json)
        )
    return file.getvalue()


def as_html(member: Member, parts: dict) -> str:
    return render_to_string(
        "members/_export.html",
        {
            "member": member,
            "parts": {
                name: [{key: as_words(value) for key, value in thing.items()} for thing in things]
                for name, things in parts.items()
            },
            "made_at": timezone.now(),
            "site_name": settings.SITE_NAME,
        },
    )


def as_json(value):
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def as_words(value) -> str:
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%B %-d, %Y, %H:%M}"
    if isinstance(value, date):
        return f"{value:%B %-d, %Y}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "":
        return "nothing"
    if isinstance(value, list | tuple):
        return ", ".join(map(as_words, value)) or "nothing"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {as_words(item)}" for key, item in value.items())
    return str(value)


def due_for_forgetting():
    """Archives past their time, and questions nobody answered for as long."""
    now = timezone.now()
    return Export.objects.filter(expires_at__lt=now) | Export.objects.filter(
        made_at=None, asked_at__lt=now - timedelta(hours=HOURS_KEPT)
    )

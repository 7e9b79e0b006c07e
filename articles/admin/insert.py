"""What the buttons above the text field put at the cursor."""

from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.views.decorators.http import require_safe

from ..models import Picture
from ..rights import edits_all

SHOWN = 24


@require_safe
def pictures(request, admin):
    """Editors: the newest pictures of the library, or those whose name or text holds ``q``."""
    if not edits_all(request.user):
        raise PermissionDenied
    words = request.GET.get("q", "").replace("\x00", "")[:100]
    found = Picture.objects.all()
    if words:
        found = found.filter(name__icontains=words) | found.filter(alt__icontains=words)
    return JsonResponse(
        {
            "pictures": [
                {"name": picture.name, "alt": picture.alt, "url": picture.url}
                for picture in found[:SHOWN]
            ]
        }
    )

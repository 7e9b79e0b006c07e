"""What the buttons above the text field put at the cursor."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import JsonResponse
from django.views.decorators.http import require_safe

from ..models import Picture
from ..rights import may_choose_pictures, visible_pictures

SHOWN = 24


@require_safe
def pictures(request, admin):
    """Who writes: the newest pictures she may choose, or those whose name or text holds ``q``."""
    if not may_choose_pictures(request.user):
        raise PermissionDenied
    words = request.GET.get("q", "").replace("\x00", "")[:100]
    found = visible_pictures(request.user, Picture.objects.all())
    if words:
        found = found.filter(Q(name__icontains=words) | Q(alt__icontains=words))
    return JsonResponse(
        {
            "pictures": [
                {"name": picture.name, "alt": picture.alt, "url": picture.url}
                for picture in found[:SHOWN]
            ]
        }
    )

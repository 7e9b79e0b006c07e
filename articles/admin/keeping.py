"""What the open form tells the server by itself: its unsaved words, and that someone is there."""

from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from .. import unsaved_words
from ..models import Revision
from ..presence import others_at, say_present
from ..rights import may_start
from .writing import find


def article_or_new(request, object_id):
    if object_id:
        return find(request, object_id)
    if not may_start(request.user):
        raise PermissionDenied
    return None


@require_POST
def keep_words(request, admin, object_id=None):
    """Who may write it: keep the form as it is now. Nothing is judged and nothing is published."""
    article = article_or_new(request, object_id)
    words = unsaved_words.keep(article, request.user, request.POST)
    at = timezone.localtime(words.kept_at)
    return JsonResponse({"kept": f"{at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'}"})


@require_POST
def still_here(request, admin, object_id):
    """Who may write it: say so, and hear who else is here and which save is the newest."""
    article = find(request, object_id)
    say_present(article, request.user)
    newest = Revision.objects.defer("content").select_related("made_by").working(article)
    return JsonResponse(
        {
            "others": others_at(article, request.user),
            "newest": newest.number if newest else 0,
            "by": str(newest.made_by or "someone") if newest else "",
        }
    )


@never_cache
@require_safe
def token(request, admin):
    """Anyone signed in to the desk: the token forms need, new after each sign-in."""
    return JsonResponse({"token": get_token(request)})

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from .hiding import hidden_topics


def reader(request):
    """``reading``: how this reader wants pages (reading.py); ``has_session``: whether forms
    need Django's token; ``hidden_topics``: slugs, asked for only where a list looks. None
    of them opens the session of someone who has none."""
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    return {
        "reading": getattr(request, "reading", None),
        "has_session": has_session,
        "hidden_topics": SimpleLazyObject(lambda: hidden_topics(request.user))
        if has_session
        else frozenset(),
    }

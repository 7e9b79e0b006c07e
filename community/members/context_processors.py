from django.conf import settings


def reader(request):
    """``reading``: how this reader wants pages (reading.py); ``has_session``: whether forms
    need Django's token. Neither opens the session of someone who has none."""
    return {
        "reading": getattr(request, "reading", None),
        "has_session": settings.SESSION_COOKIE_NAME in request.COOKIES,
    }

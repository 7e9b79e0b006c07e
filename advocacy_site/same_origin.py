"""Every POST must come from a page of this site.

Browsers say where a request was started (Sec-Fetch-Site, older ones Origin). A request
that says "elsewhere" is refused; one that says nothing is not a browser and carries no
one's cookie by surprise, so Django's token still decides for signed-in forms. Public
forms set no cookie and rely on this alone.
"""

from functools import wraps

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.views.decorators.csrf import csrf_exempt, csrf_protect

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}


class SameOriginMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.method in SAFE_METHODS or getattr(view, "from_elsewhere", False):
            return
        if not is_same_origin(request):
            raise PermissionDenied("This form was sent from another site.")


def public_form(view):
    """A form that people without a session may send: no token, so no cookie and a page that
    can be the same for everyone. Where a session cookie comes along, Django's token is asked
    for as on every other form, unless the browser itself says that a page of this site sent
    it: so a form that was opened before signing in, in another tab, still goes through.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def choose(request, *args, **kwargs):
        signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
        is_proved = request.headers.get("Sec-Fetch-Site") == "same-origin"
        return (protected if signed_in and not is_proved else view)(request, *args, **kwargs)

    return choose


def is_same_origin(request) -> bool:
    """Tell whether the browser says that a page of this site started the request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    return origin == f"{request.scheme}://{request.get_host()}"

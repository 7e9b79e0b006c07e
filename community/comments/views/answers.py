"""What several views share: who may be here, forms that keep what was typed, htmx answers."""

import json
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from ..reading import sign_in_url

SEE_OTHER = HTTPStatus.SEE_OTHER


def members_only(view):
    """Signed-in members; others are asked to sign in and come back."""

    @never_cache
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        here = request.get_full_path() if request.method == "GET" else "/"
        address = sign_in_url(here)
        if request.htmx:
            return HttpResponse(headers={"HX-Redirect": address})
        return redirect(address)

    return guarded


def form_that_keeps_words(view):
    """A form whose token is checked by the view: ``request.token_is_good``.

    Django would answer a stale token with a page that has lost the words. Where the request
    comes from is checked before, on every POST (advocacy_site/same_origin.py). Without a
    session there is nothing to forge, and no token.
    """

    @csrf_exempt
    @wraps(view)
    def checked(request, *args, **kwargs):
        request.token_is_good = (
            request.method != "POST"
            or settings.SESSION_COOKIE_NAME not in request.COOKIES
            or CsrfViewMiddleware(lambda request: None).process_view(request, None, (), {}) is None
        )
        return view(request, *args, **kwargs)

    return checked


def see(address: str, anchor: str = "") -> HttpResponseRedirect:
    """Go and look at the result: the back button then sends nothing twice."""
    response = HttpResponseRedirect(address + anchor)
    response.status_code = SEE_OTHER
    return response


def announce(response: HttpResponse, sentence: str, **headers: str) -> HttpResponse:
    """Tell a screen reader what happened; ``HX_Retarget="#t1"`` sends the answer elsewhere."""
    response["HX-Trigger"] = json.dumps({"announce": {"value": sentence}})
    for name, value in headers.items():
        response[name.replace("_", "-")] = value
    return response

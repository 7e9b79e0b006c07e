"""Sign in with a passkey. The browser's part needs JavaScript; a code by email never does."""

import json

from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from advocacy_site.ratelimits import minutes, rate_limit
from advocacy_site.same_origin import public_form

from ..doors import keep_way_back, safe_next, walk_in


@never_cache
@require_POST
@rate_limit("passkey", to=30, per=minutes(10))
@public_form
def passkey(request):
    """Open to guests: the first press begins, the browser's answer ends it."""
    if request.user.is_authenticated:
        return redirect(safe_next(request) or "members:account")
    if "credential" in request.POST:
        return answer(request)
    keep_way_back(request)
    return begin(request)


def begin(request, *, failed=False):
    context = {"failed": failed, "js_data": {"request_options": auth.begin_authentication()}}
    return render(request, "members/passkey.html", context)


def answer(request):
    try:
        response = json.loads(request.POST["credential"][:20_000])
        member = auth.extract_user_from_response(response)
        authenticator = auth.complete_authentication(member, response)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
        return begin(request, failed=True)
    if not member.may_sign_in:
        return begin(request, failed=True)
    post_authentication(request, authenticator, passwordless=True)
    return walk_in(request, member)

"""Is it still the owner? Asked before an account gets a lasting new way in.

A session may stand open where others can reach it. allauth asks again for second factors, but
only those who have a password or one already; most members here have neither, so the code by
mail is asked for here, also in front of allauth's own pages that add a second factor.
"""

import time
from functools import wraps

from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from advocacy_site.ratelimits import too_many

from .. import codes
from ..doors import safe_next
from ..forms import CodeForm
from ..limits import WINDOW, may_ask
from .signing_in import NOT_SENT, SENDING_FAILS_WITH, get_or_post, posted

CONFIRM = "confirm_code"
# Long enough to choose a password, short enough that the owner has not left the room.
FRESH = 5 * 60  # seconds


def is_fresh(request) -> bool:
    """Whether a code, password or second factor was given in this session just now."""
    since = time.time() - FRESH
    return any(record["at"] > since for record in get_authentication_records(request, request.user))


def asks_who_it_is(view):
    """For members whose code or password is fresh; others are asked for one first."""

    @wraps(view)
    def asked(request, *args, **kwargs):
        if is_fresh(request):
            return view(request, *args, **kwargs)
        query = urlencode({"next": request.path})
        return redirect(f"{reverse('members:confirm-code')}?{query}")

    return asked


add_passkey = never_cache(login_required(asks_who_it_is(webauthn.add_webauthn)))
add_app = never_cache(login_required(asks_who_it_is(totp.activate_totp)))


@never_cache
@login_required
@get_or_post
def confirm_code(request):
    """For members: a code to the address of the account, 3 tries in 10 minutes, here only."""
    row = waiting_for(request)
    if request.method == "POST" and "send" in request.POST:
        return send(request)
    form = CodeForm(posted(request) if row else None)
    if form.is_bound and form.is_valid():
        found, left = codes.use_code(row.key, form.cleaned_data["code"])
        if found:
            request.session.pop(CONFIRM, None)
            record_authentication(request, request.user, method="code", reauthenticated=True)
            return redirect(safe_next(request) or "members:account")
        if left:
            form.add_error("code", "That is not the code. Check it, then try again.")
        else:
            row, form = None, CodeForm()
    return page(request, form, row)


def send(request):
    if not may_ask(request, "code", request.user.email):
        return too_many(request, WINDOW)
    try:
        row = codes.send_confirm_code(request.user)
    except SENDING_FAILS_WITH:
        return page(request, CodeForm(), waiting_for(request), not_sent=NOT_SENT)
    request.session[CONFIRM] = str(row.key)
    query = urlencode({"next": safe_next(request)})
    return redirect(f"{reverse('members:confirm-code')}?{query}")


def waiting_for(request):
    """The code this browser asked for, if it went to the address of this very account."""
    row = codes.waiting(request.session.get(CONFIRM))
    is_mine = row and row.member_id == request.user.pk and row.email == request.user.email
    return row if is_mine else None


def page(request, form, row, **more):
    after = safe_next(request)
    context = {"form": form, "row": row, "next": after, "next_query": urlencode({"next": after})}
    return render(request, "members/is_it_you.html", {**context, **more})

"""Sessions that last for those who were away, and end soon for those who may change much."""

import time
from datetime import date

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from . import reading
from .known_browsers import make_known

STAFF_IDLE = 30 * 60  # a desk left open in a clinic
STAFF_AT_MOST = 12 * 60 * 60
STAFF_PAGES = ("/admin/", "/moderation/")
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class SessionsMiddleware:
    """Ends sessions of staff after 30 idle minutes or 12 hours, asks them for their second
    factor before the desk opens, and renews everyone else's 30 days once a day.

    Looks at nothing when no session cookie came along.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = None
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            response = self.check_staff(request) if request.user.is_staff else None
            if response is None:
                renew(request)
        response = response or self.get_response(request)
        if email := getattr(request, "browser_to_know", ""):
            make_known(request, response, email)
        return response

    def check_staff(self, request):
        now = int(time.time())
        signed_in_at = request.session.setdefault("signed_in_at", now)
        seen = request.session.setdefault("staff_seen", now)
        if now - seen > STAFF_IDLE or now - signed_in_at > STAFF_AT_MOST:
            return sign_out_staff(request)
        if now - seen >= 60:
            request.session["staff_seen"] = now
        if settings.STAFF_NEED_SECOND_FACTOR and request.path.startswith(STAFF_PAGES):
            return ask_for_second_factor(request)
        return None


def sign_out_staff(request):
    """Reading leads to the sign-in. A form that was being sent keeps its words behind the
    back button, since its answer is a page that says so."""
    logout(request)
    where = reverse("account_login") + "?" + urlencode({"next": request.path})
    if request.method in SAFE_METHODS:
        return redirect(where)
    return render(request, "members/signed_out.html", {"sign_in": where}, status=403)


def ask_for_second_factor(request):
    """None when this session has shown one; else the page where to set one up or show it."""
    if request.path.startswith(reverse("admin:logout")):
        return None
    records = get_authentication_records(request, request.user)
    if any(record.get("method") == "mfa" for record in records):
        return None
    name = "mfa_reauthenticate" if is_mfa_enabled(request.user) else "mfa_index"
    return redirect(reverse(name) + "?" + urlencode({"next": request.get_full_path()}))


def renew(request) -> None:
    today = date.today().toordinal()  # noqa: DTZ011 - any clock will do
    if request.session.get("renewed") != today:
        request.session["renewed"] = today


class ReadingSettingsMiddleware:
    """``request.reading``, worked out when a page asks. Only pages of readers who saved
    settings vary by cookie; everyone else's come out the same."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.reading = SimpleLazyObject(lambda: reading.of_request(request))
        response = self.get_response(request)
        if settings.READING_COOKIE_NAME in request.COOKIES:
            patch_vary_headers(response, ["Cookie"])
        return response

"""Sign in and join: one thing on a page, no password to remember, no JavaScript."""

import smtplib

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from advocacy_site.ratelimits import too_many
from advocacy_site.same_origin import public_form
from community.policies.models import Policy, PolicyVersion

from .. import codes
from ..doors import CODE, come_in, hold, keep_way_back, safe_next, walk_in
from ..forms import CodeForm, JoinForm, PasswordForm, SignInForm
from ..limits import WINDOW, may_ask
from ..names import worry_about

NOT_SENT = "We could not send the mail just now. Wait a minute, then try again."
SENDING_FAILS_WITH = (OSError, smtplib.SMTPException)
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def posted(request):
    """What was sent, also when it is nothing at all; None when the page is only asked for."""
    return request.POST if request.method == "POST" else None


@never_cache
@get_or_post
@public_form
def sign_in(request):
    """Open to guests: ask for a code by mail. At most 5 in 10 minutes, see limits.py."""
    if request.user.is_authenticated:
        return redirect(safe_next(request) or "members:account")
    form = SignInForm(posted(request))
    if form.is_bound and form.is_valid():
        return ask_for_code(request, form, codes.Purpose.SIGN_IN) or sign_in_page(request, form)
    return sign_in_page(request, form)


def sign_in_page(request, form):
    return render(request, "members/sign_in.html", {"form": form, "next": safe_next(request)})


@never_cache
@get_or_post
@public_form
def join(request):
    """Open to guests: email, a name to be seen by, 18 or over, rules read."""
    if request.user.is_authenticated:
        return redirect(safe_next(request) or "members:account")
    form = JoinForm(posted(request))
    if not form.is_bound or "change_name" in request.POST or not form.is_valid():
        return join_page(request, form)
    name, email = form.cleaned_data["display_name"], form.cleaned_data["email"]
    worry = worry_about(name, email)
    if worry and request.POST.get("sure_of_name") != name:
        return join_page(request, form, template="members/join_name.html", worry=worry)
    return ask_for_code(
        request,
        form,
        codes.Purpose.JOIN,
        display_name=name,
        rules=PolicyVersion.objects.in_force(Policy.Kind.RULES),
    ) or join_page(request, form)


def join_page(request, form, template="members/join.html", **more):
    if "change_name" in request.POST:
        form.errors.clear()
    return render(request, template, {"form": form, "next": safe_next(request), **more})


def ask_for_code(request, form, purpose, **fields):
    """The answer that leads on, or None with an error on the form."""
    email = form.cleaned_data["email"]
    if not may_ask(request, "code", email):
        return too_many(request, WINDOW)
    try:
        hold(request, codes.send_code(purpose, email, **fields))
    except SENDING_FAILS_WITH:
        form.add_error("email", NOT_SENT)
        return None
    return redirect("members:code")


@never_cache
@get_or_post
def code(request):
    """For the browser that asked: 3 tries in 10 minutes."""
    if request.user.is_authenticated:
        return redirect("members:account")
    row = codes.waiting(request.session.get(CODE))
    if row is None:
        return render(
            request, "members/code_over.html", status=410 if request.method == "POST" else 200
        )
    form = CodeForm(posted(request))
    if form.is_bound and form.is_valid():
        found, left = codes.use_code(row.key, form.cleaned_data["code"])
        if found:
            return come_in(request, found) or redirect("members:sign-in")
        if not left:
            return render(request, "members/code_over.html", {"tried": True})
        tries = "1 more time" if left == 1 else f"{left} more times"
        form.add_error("code", f"That is not the code. Check it. You can try {tries}.")
    return render(request, "members/code.html", {"form": form, "row": row})


@never_cache
@require_POST
def code_again(request):
    """For the browser that asked: another mail. The earlier code stops working."""
    row = codes.waiting(request.session.get(CODE))
    if row is None or request.user.is_authenticated:
        return redirect("members:code")
    if not may_ask(request, "code", row.email):
        return too_many(request, WINDOW)
    try:
        new = codes.send_code(
            row.purpose, row.email, display_name=row.display_name, rules=row.rules
        )
    except SENDING_FAILS_WITH:
        form = CodeForm()
        return render(
            request, "members/code.html", {"form": form, "row": row, "not_sent": NOT_SENT}
        )
    row.delete()
    request.session[CODE] = str(new.key)
    return redirect("members:code")


@never_cache
@get_or_post
@public_form
def password(request):
    """Open to guests: sign in with a password, for those who chose one."""
    if request.user.is_authenticated:
        return redirect(safe_next(request) or "members:account")
    form = PasswordForm(posted(request))
    if form.is_bound and form.is_valid():
        email = form.cleaned_data["email"]
        if not may_ask(request, "password", email):
            return too_many(request, WINDOW)
        if member := authenticate(request, username=email, password=form.cleaned_data["password"]):
            keep_way_back(request)
            record_authentication(request, member, method="password")
            return walk_in(request, member)
        form.add_error(None, "The email address or the password is not right.")
    return render(request, "members/password.html", {"form": form, "next": safe_next(request)})


@never_cache
@get_or_post
def sign_out(request):
    """For everyone: the button, and the deed."""
    if request.method == "POST":
        logout(request)
        response = render(request, "members/signed_out_by_choice.html")
        # The next person at this computer does not find what was typed here.
        response.delete_cookie(settings.DRAFT_COOKIE_NAME, samesite="Lax")
        return response
    return render(request, "members/sign_out.html")


@never_cache
def inactive(request):
    """Where allauth sends an account that may not sign in."""
    return render(request, "members/inactive.html", status=403)

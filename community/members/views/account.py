"""The account of the person who is signed in."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import SetPasswordForm
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from advocacy_site.ratelimits import too_many

from .. import browsers, codes, memorial, tasks
from ..forms import ChangeEmailForm, ProfileForm, TwoCodesForm, WishForm
from ..known_browsers import known_name
from ..limits import WINDOW, may_ask
from ..models import SignedInBrowser
from ..names import worry_about
from .confirming import asks_who_it_is
from .signing_in import NOT_SENT, SENDING_FAILS_WITH, get_or_post, posted

CHANGE = "email_change"


@never_cache
@login_required
@require_safe
def account(request):
    """For members: everything they can set, one line each."""
    member = request.user
    return render(
        request,
        "members/account.html",
        {
            "second_factors": Authenticator.objects.filter(user=member)
            .exclude(type=Authenticator.Type.RECOVERY_CODES)
            .count(),
            "ignored": member.ignores.count(),
        },
    )


@never_cache
@login_required
@get_or_post
def profile(request):
    """For members: the name others see, own words, connection with MBC."""
    member = request.user
    names = ("display_name", "own_words", "relation", "relation_is_shown")
    form = ProfileForm(posted(request), initial={name: getattr(member, name) for name in names})
    if not form.is_bound or not form.is_valid():
        return render(request, "members/edit_profile.html", {"form": form})
    name = form.cleaned_data["display_name"]
    worry = name != member.display_name and worry_about(name, member.email)
    if worry and request.POST.get("sure_of_name") != name:
        return render(request, "members/edit_profile.html", {"form": form, "worry": worry})
    for field in names:
        setattr(member, field, form.cleaned_data[field])
    member.save(update_fields=names)
    messages.success(request, "Your profile is saved.")
    return redirect("members:account")


@never_cache
@login_required
@get_or_post
def signed_in(request):
    """For members: the browsers they are signed in with, and sign-out for each."""
    if request.method == "POST":
        here = request.session.session_key
        one = request.POST.get("browser", "")
        if one.isdecimal() and len(one) < 18:
            mine = get_object_or_404(SignedInBrowser, member=request.user, pk=one)
            browsers.sign_out(request.user, browser_id=mine.pk)
            messages.success(request, f"{mine.description} is signed out.")
        else:
            browsers.sign_out(request.user, but=here)
            messages.success(request, "All other browsers are signed out.")
        return redirect("members:signed-in")
    return render(
        request,
        "members/signed_in.html",
        {
            "browsers": browsers.live_browsers(request.user),
            "here": request.session.session_key,
            "is_known": bool(known_name(request, request.user.email)),
        },
    )


@never_cache
@login_required
@get_or_post
@asks_who_it_is
def set_password(request):
    """For members just asked who they are: choose a password. Other browsers are signed out."""
    form = SetPasswordForm(request.user, posted(request))
    if form.is_bound and form.is_valid():
        here = request.session.session_key
        form.save()
        browsers.sign_out(request.user, but=here)
        tasks.tell_of_password.enqueue(request.user.pk)
        update_session_auth_hash(request, request.user)
        SignedInBrowser.objects.filter(session_key=here).update(
            session_key=request.session.session_key
        )
        messages.success(request, "Your password is set. Other browsers are signed out.")
        return redirect("members:account")
    return render(request, "members/set_password.html", {"form": form})


@never_cache
@login_required
@get_or_post
def change_email(request):
    """For members: a new address. Both addresses get a code."""
    form = ChangeEmailForm(posted(request))
    if form.is_bound and form.is_valid():
        email = form.cleaned_data["email"]
        if email.lower() == request.user.email.lower():
            form.add_error("email", "This is your address already. Enter the new one")
        elif not may_ask(request, "change-email", request.user.email):
            return too_many(request, WINDOW)
        else:
            try:
                old, new = codes.send_change_codes(request.user, email)
            except SENDING_FAILS_WITH:
                form.add_error("email", NOT_SENT)
            else:
                request.session[CHANGE] = [str(old.key), str(new.key)]
                return redirect("members:change-email-codes")
    return render(request, "members/change_email.html", {"form": form})


@never_cache
@login_required
@get_or_post
def change_email_codes(request):
    """For the browser that asked: the two codes, 3 tries each."""
    keys = request.session.get(CHANGE) or [None, None]
    rows = [codes.waiting(key) for key in keys]
    if None in rows:
        return render(request, "members/code_over.html", {"changing_email": True})
    form = TwoCodesForm(posted(request))
    if form.is_bound and form.is_valid():
        with transaction.atomic():
            wrong = [
                field
                for field, row in zip(("old_code", "new_code"), rows, strict=True)
                if not codes.is_right(row.key, form.cleaned_data[field])
            ]
            if not wrong:
                return take_new_email(request, rows)
        for field in wrong:
            form.add_error(field, "That is not the code. Check the mail to this address")
    return render(request, "members/change_email_codes.html", {"form": form, "rows": rows})


def take_new_email(request, rows):
    member, before = request.user, request.user.email
    for row in rows:
        row.delete()
    request.session.pop(CHANGE, None)
    try:
        with transaction.atomic():
            member.email = rows[1].email
            member.save(update_fields=["email"])
    except IntegrityError:
        return render(request, "members/code_over.html", {"changing_email": True})
    codes.forget_codes_for(before)
    request.browser_to_know = member.email
    messages.success(request, "Your email address is changed.")
    return redirect("members:account")


@never_cache
@login_required
@get_or_post
def wishes(request):
    """For members: what should become of their words after their death, and who may ask."""
    member = request.user
    form = WishForm(
        posted(request), initial={"wish": member.wish, "wish_contact": member.wish_contact}
    )
    if form.is_bound and form.is_valid():
        member.wish = form.cleaned_data["wish"]
        member.wish_contact = form.cleaned_data["wish_contact"]
        member.save(update_fields=["wish", "wish_contact"])
        messages.success(request, "Your wishes are saved. You can change them at any time.")
        return redirect("members:account")
    return render(request, "members/wishes.html", {"form": form})


@login_required
@require_POST
def resume_mail(request):
    """For members whose mail was paused because somebody told us of their death."""
    if memorial.resume_mail(request.user):
        messages.success(request, "Mail to you is on again.")
    return redirect("members:account")

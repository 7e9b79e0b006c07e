"""Remembering members who died."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from advocacy_site.ratelimits import hours, rate_limit
from advocacy_site.reader_cache import reader_page
from advocacy_site.same_origin import public_form

from .. import memorial
from ..forms import DeathForm, RememberForm
from ..models import DeathReport, Member
from .signing_in import get_or_post, posted

PAGE = 60


@reader_page
@require_safe
def remembering(request):
    """Open to everyone: the names of members who died, newest first. Their profiles are not."""
    members = Member.objects.remembered().order_by("-remembered_at", "-pk")
    if before := moment(request.GET.get("before", "")):
        members = members.filter(remembered_at__lt=before)
    page = list(members[: PAGE + 1])
    return render(
        request,
        "members/remembering.html",
        {"members": page[:PAGE], "older": page[PAGE - 1].remembered_at if page[PAGE:] else None},
    )


def moment(text: str):
    """A moment out of an address; odd input is no moment. A "+" arrives as a space."""
    try:
        found = parse_datetime(text[:40].replace(" ", "+"))
        return timezone.make_aware(found) if found and timezone.is_naive(found) else found
    except (ValueError, OverflowError):
        return None


@never_cache
@get_or_post
@rate_limit("tell-of-a-death", to=10, per=hours(1))
@public_form
def tell(request):
    """Open to everyone: mail to that member pauses at once, then a person checks."""
    form = DeathForm(posted(request))
    if form.is_bound and form.is_valid():
        memorial.report_death(**form.cleaned_data)
        return redirect("members:told")
    return render(request, "members/tell.html", {"form": form})


@require_safe
def told(request):
    """Open to everyone: what happens now."""
    return render(request, "members/told.html")


def rememberers_only(view):
    """Those who may remember members. Other staff read who may; for anyone else it is closed."""

    @wraps(view)
    def asked(request, *args, **kwargs):
        if request.user.has_perm("members.remember_member"):
            return view(request, *args, **kwargs)
        if not request.user.is_staff:
            raise PermissionDenied
        return render(request, "members/not_for_you.html", status=403)

    return never_cache(login_required(asked))


@rememberers_only
@require_safe
def reports(request):
    """For those who may remember members: what people told us and nobody has answered."""
    open_ones = DeathReport.objects.filter(handled_at=None).select_related("member")[:PAGE]
    return render(request, "members/death_reports.html", {"reports": open_ones})


@require_POST
@rememberers_only
def close_report(request, number):
    """For those who may remember members: a report about nobody with an account was answered."""
    report = get_object_or_404(DeathReport, pk=number, member=None)
    if memorial.close_report(report, request.user):
        messages.success(request, "It is closed.")
    return redirect("members:death-reports")


@rememberers_only
@get_or_post
def remember(request, handle):
    """For those who may remember members: do it, or undo it, in one press."""
    member = get_object_or_404(Member, handle=handle)
    form = RememberForm(request.POST if "remember" in request.POST else None, member=member)
    if "undo" in request.POST and memorial.undo(member, request.user):
        messages.success(request, f"Undone. {member} can sign in again and gets mail again.")
        return redirect("members:remember", handle)
    if form.is_bound and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("died_in", "family_words", "note")}
        memorial.remember(member, request.user, **said)
        return redirect(member)
    acts = member.memorial_acts.select_related("by")[:20]
    told = member.death_reports.filter(~Q(outcome=DeathReport.Outcome.MISTAKE))[:20]
    return render(
        request,
        "members/remember.html",
        {"form": form, "member": member, "acts": acts, "reports": told},
    )

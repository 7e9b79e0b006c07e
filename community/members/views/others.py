"""Other members, as members see them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from advocacy_site.ratelimits import minutes, rate_limit

from .. import hiding, ignoring
from ..doors import safe_next
from ..models import Ignore, Member

MOST_IGNORED_SHOWN = 500


@never_cache
@login_required
@require_safe
def profile(request, handle):
    """For signed-in readers only; search engines are asked to stay away."""
    member = get_object_or_404(Member.objects.shown(), handle=handle)
    template = "members/memorial.html" if member.is_remembered else "members/profile.html"
    return render(
        request,
        template,
        {
            "member": member,
            "is_oneself": member == request.user,
            "is_ignored": member.pk in ignoring.ignored_by(request.user),
        },
    )


@login_required
@require_POST
@rate_limit("ignore", to=60, per=minutes(10))
def ignore(request, handle):
    """For members: stop seeing what another writes. The other is not told."""
    other = get_object_or_404(Member.objects.shown(), handle=handle)
    if ignoring.ignore(request.user, other):
        messages.success(request, f"You will not see what {other} writes. {other} is not told.")
    return redirect(safe_next(request) or other)


@login_required
@require_POST
def unignore(request, handle):
    """For members: see another's words again."""
    other = get_object_or_404(Member, handle=handle, pk__in=ignoring.ignored_by(request.user))
    if ignoring.unignore(request.user, other):
        messages.success(request, f"You see what {other} writes again.")
    return redirect(safe_next(request) or "members:ignored")


@never_cache
@login_required
@require_safe
def ignored(request):
    """For members: whom they chose not to see."""
    ignores = Ignore.objects.filter(member=request.user).select_related("ignored")
    return render(
        request, "members/ignored.html", {"ignores": ignores.order_by("-at")[:MOST_IGNORED_SHOWN]}
    )


@login_required
@require_POST
@rate_limit("hide-topic", to=120, per=minutes(10))
def hide_topic(request, slug):
    """For members: leave a topic out of lists, or let it back in."""
    change = hiding.unhide if "show" in request.POST else hiding.hide
    change(request.user, slug)
    return redirect(safe_next(request) or "members:ignored")

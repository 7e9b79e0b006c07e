"""The record, the rota, and the numbers of a year."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from .. import hours, numbers, rota, telling
from .. import record as looking_up
from ..forms import OneBox
from ..models import ModerationAct
from ..rights import moderators_only
from .cases import number

FIRST_YEAR = 2026


@moderators_only
@require_safe
def record(request):
    """For moderators: the record, searched."""
    asked = {
        name: request.GET.get(name, "")[:100].replace("\0", "") for name in ("q", "name", "what")
    }
    before = request.GET.get("before", "")
    before = int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None
    acts = looking_up.search(
        request.user,
        text=asked["q"].strip(),
        name=asked["name"].strip(),
        what=asked["what"],
        rule=number(request.GET.get("rule")),
        before=before,
    )
    page = list(acts[: looking_up.ON_A_PAGE + 1])
    query = request.GET.copy()
    query.pop("before", None)
    return render(
        request,
        "moderation/record.html",
        {
            "acts": page[: looking_up.ON_A_PAGE],
            "older": page[looking_up.ON_A_PAGE - 1].pk if page[looking_up.ON_A_PAGE :] else None,
            "asked": asked | {"rule": request.GET.get("rule", "")},
            "query": query.urlencode(),
            "kinds": ModerationAct.What.choices,
            "rules": telling.rules(),
        },
    )


@moderators_only
@require_http_methods(["GET", "HEAD", "POST"])
def rota_page(request):
    """For moderators: who is here when, and what the next one should know."""
    form = OneBox(
        data=request.POST if request.method == "POST" else None,
        label="What should the next one know?",
        empty="Write what the next one should know",
    )
    if form.is_bound and form.is_valid():
        rota.hand_over(request.user, form.cleaned_data["words"])
        messages.success(request, "The note is there for whoever comes next.")
        return redirect("moderation:rota")
    return render(
        request,
        "moderation/rota.html",
        {
            "form": form,
            "shifts": rota.coming_shifts(),
            "notes": rota.notes(),
            "hours": hours.line_now(),
            "now": timezone.now(),
        },
    )


@require_safe
def year_in_numbers(request, year=None):
    """Open to everyone: how many comments waited, were taken down and came back."""
    this = timezone.localdate().year
    if year is None:  # in January nothing of the year is counted yet
        year = max(FIRST_YEAR, this if numbers.counted_until(this).month > 1 else this - 1)
    if not FIRST_YEAR <= year <= this:
        raise Http404
    found = numbers.of_year(year, settings.TIME_ZONE)
    return render(
        request,
        "moderation/numbers.html",
        {
            "found": found,
            "last_day": found.until - timedelta(days=1),
            "is_this_year": year == this,
            "years": [other for other in range(this, FIRST_YEAR - 1, -1) if other != year],
            "fewest": numbers.FEWEST,
        },
    )

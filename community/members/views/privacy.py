"""Taking one's data along, and leaving."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from .. import closing, exporting, personal_data
from ..forms import CloseForm
from ..models import Member, WordsToRemove
from .signing_in import get_or_post, posted

MOST_MARKED_AT_ONCE = personal_data.LISTING_PAGE


@never_cache
@login_required
@get_or_post
def your_data(request):
    """For members: ask for a copy of everything, once a day; fetch the one that is ready."""
    if request.method == "POST":
        exporting.ask(request.user)
        return redirect("members:your-data")
    newest = request.user.exports.defer("archive").first()
    return render(
        request,
        "members/your_data.html",
        {
            "newest": newest,
            "is_ready": bool(newest and newest.expires_at and newest.expires_at > timezone.now()),
            "hours": exporting.HOURS_KEPT,
            "may_ask": newest is None
            or timezone.now() - newest.asked_at >= timedelta(hours=exporting.HOURS_BETWEEN),
        },
    )


@never_cache
@login_required
@require_safe
def download(request, export_id):
    """For its owner, for 48 hours."""
    export = get_object_or_404(
        request.user.exports, pk=export_id, expires_at__gt=timezone.now(), archive__isnull=False
    )
    response = HttpResponse(bytes(export.archive), content_type="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="your-data.zip"'
    return response


@never_cache
@login_required
@get_or_post
def close(request):
    """For members: leave, with seven days to change one's mind."""
    member = request.user
    form = CloseForm(
        posted(request), initial={"words": member.closing_words}, answers=member.closing_answers
    )
    if form.is_bound and form.is_valid():
        words = form.cleaned_data["words"]
        if words == Member.Words.CHOOSE and personal_data.listings():
            closing.ask_to_close(member, words, form.answers())
            return redirect("members:choose-words")
        closing.ask_to_close(member, words, form.answers())
        return redirect("members:close")
    template = "members/closing.html" if member.closes_at else "members/close.html"
    return render(request, template, {"form": form, "days": closing.DAYS_TO_CHANGE_MIND})


@login_required
@require_POST
def stay(request):
    """For members who asked to leave and changed their mind."""
    if closing.stay(request.user):
        messages.success(request, "Your account stays. Nothing was removed.")
    return redirect("members:account")


@never_cache
@login_required
@get_or_post
def choose_words(request):
    """For members who are leaving: mark what should go; the rest stays without the name."""
    parts = personal_data.listings()
    part = next(
        (p for p in parts if p.part == request.GET.get("part")), parts[0] if parts else None
    )
    if part is None:
        return redirect("members:close")
    after = request.GET.get("after", "")[:60] or None
    page = list(part.listing(request.user, after))[: personal_data.LISTING_PAGE]
    if request.method == "POST":
        mark(
            request.user, part.part, page, set(request.POST.getlist("remove")[:MOST_MARKED_AT_ONCE])
        )
        if "more" in request.POST and page:
            return redirect(f"{request.path}?part={part.part}&after={page[-1].key}")
        return redirect("members:close")
    marked = set(request.user.words_to_remove.filter(part=part.part).values_list("key", flat=True))
    return render(
        request,
        "members/choose_words.html",
        {
            "page": page,
            "marked": marked,
            "has_more": len(page) == personal_data.LISTING_PAGE,
            "part": part,
        },
    )


def mark(member, part: str, page, chosen: set[str]) -> None:
    """Keep the marks of one page as they were sent: only what the page itself showed counts."""
    shown = {words.key for words in page}
    member.words_to_remove.filter(part=part, key__in=shown - chosen).delete()
    WordsToRemove.objects.bulk_create(
        [WordsToRemove(member=member, part=part, key=key) for key in sorted(shown & chosen)],
        ignore_conflicts=True,
    )

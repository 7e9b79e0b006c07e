"""Appeals, read by a moderator who did not decide."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from .. import appeals
from ..deciding import AlreadyDecided, NotOwn
from ..forms import AppealAnswerForm
from ..models import Appeal, What
from ..rights import moderators_only
from .cases import LAST_ID, own


@moderators_only
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request, pk):
    """For moderators: an appeal with the decision it is against; its answer by another one."""
    found = get_object_or_404(
        Appeal.objects.select_related("member", "act__by", "act__comment__article"),
        pk=pk if pk <= LAST_ID else 0,
    )
    if found.member_id == request.user.pk:
        return own(request)
    form = AppealAnswerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        return answer(request, found, form.cleaned_data)
    return show(request, found, form)


def show(request, found, form):
    facts = {what: appeals.facts_of(found, what) for what in (What.RESTORED, What.UPHELD)}
    return render(
        request,
        "moderation/appeal.html",
        {
            "appeal": found,
            "form": form,
            "facts": facts,
            "is_mine": request.user.pk == found.act.by_id,
        },
    )


def answer(request, found, said):
    try:
        act = appeals.answer(
            found, What(said["what"]), request.user, own_words=said["own_words"], why=said["why"]
        )
    except AlreadyDecided as earlier:
        return render(
            request,
            "moderation/decided.html",
            {"act": earlier.act, "kept": [said["own_words"], said["why"]], "case": None},
            status=409,
        )
    except NotOwn:
        return own(request)
    messages.success(request, f"Done: {act.get_what_display().lower()}. The writer is told.")
    return redirect("moderation:line", "appeals")

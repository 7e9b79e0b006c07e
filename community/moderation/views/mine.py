"""What a member was told about her words and her account, and her ways back. Only hers: anyone
else's message is not there, and nothing here names a reporter, a moderator or another decision."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from advocacy_site.ratelimits import hours, rate_limit
from community.comments import words
from community.comments.openness import of_thread, openness_of, why_not
from community.comments.screening import refusal

from .. import appeals, deciding, telling
from .. import sending_again as again
from ..forms import OneBox
from ..models import Appeal, Message, What
from .cases import LAST_ID

ON_A_PAGE = 30


def mine(request):
    return Message.objects.filter(member=request.user).select_related("act__comment__article")


def find(request, pk) -> Message:
    if pk > LAST_ID:
        raise Http404
    return get_object_or_404(mine(request), pk=pk)


@never_cache
@login_required
@require_safe
def message_list(request):
    """For members: what moderators wrote to them, the newest first."""
    found = mine(request).order_by("-pk")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 18:
        found = found.filter(pk__lt=int(before))
    page = list(found[: ON_A_PAGE + 1])
    for message in page:
        message.headline = telling.headline(message.act)
    return render(
        request,
        "moderation/messages.html",
        {"found": page[:ON_A_PAGE], "older": page[ON_A_PAGE - 1].pk if page[ON_A_PAGE:] else None},
    )


@never_cache
@login_required
@require_safe
def message(request, pk):
    """For whom it was written: the message whole, the text to send again, the way to appeal."""
    return show(request, find(request, pk))


def show(request, found, *, text=None, problem="", appeal_form=None, status=200):
    appeal = Appeal.objects.filter(pk=found.pk).first()
    return render(
        request,
        "moderation/message.html",
        {
            "message": found,
            "appeal": appeal,
            "may_appeal": appeals.can_appeal(found),
            "appeal_form": appeal_form or box(),
            "may_send_again": again.can_send_again(found),
            "text": found.act.before if text is None else text,
            "problem": problem,
            "form": appeal_form,
        },
        status=status,
    )


def box(data=None):
    return OneBox(
        data=data,
        label="Your answer",
        most=appeals.MOST_CHARACTERS,
        empty="Write what we should look at again",
    )


@login_required
@require_POST
@rate_limit("send-again", to=20, per=hours(1), by=lambda request: f"member-{request.user.pk}")
def send_again(request, pk):
    """For whose words were taken down: the changed text, into its old place and the line."""
    found = find(request, pk)
    text = words.tidy(request.POST.get("text", "")[:100_000])
    note = found.act.comment.content_note if found.act.comment else ""
    problem = words.problem_with(text) or refusal(text, note) or why_not_there(found)
    if not problem and text == words.tidy(found.act.before):
        problem = "Change what the rule is about first. You can also answer to appeal."
    if problem:
        return show(request, found, text=text, problem=problem)
    if again.send_again(found, text):
        messages.success(request, "Sent. Only you can see it until a moderator has read it.")
    return redirect(address(found))


def why_not_there(found) -> str:
    """Why nobody, or not she, can write in that place now; empty where she can."""
    comment = found.act.comment
    if not again.can_send_again(found):
        return why_not(found.member)
    here = openness_of(comment.article)
    # A reply needs its conversation open, unless it was this very decision that closed it.
    if comment.parent_id and found.act.what != What.LOCKED:
        here = of_thread(here, comment.thread_id)
    return why_not(found.member) or here.closed


@login_required
@require_POST
@rate_limit("appeal", to=20, per=hours(1), by=lambda request: f"member-{request.user.pk}")
def appeal(request, pk):
    """For whom a decision is about: one answer, which a different moderator reads."""
    found = find(request, pk)
    form = box(request.POST)
    if not form.is_valid():
        return show(request, found, appeal_form=form)
    if appeals.appeal(found, form.cleaned_data["words"]):
        messages.success(request, "Sent. A different moderator reads it and tells you.")
    else:
        messages.warning(request, "You have answered this message already.")
    return redirect(address(found))


@login_required
@require_POST
def acknowledge(request, pk):
    """For whom it was written: I have read it."""
    found = find(request, pk)
    Message.objects.filter(pk=found.pk, read_at=None).update(read_at=timezone.now())
    if found.must_acknowledge:
        deciding.acknowledge(found)
    messages.success(request, "Thank you. It is marked as read.")
    return redirect("moderation:messages")


def address(found) -> str:
    return reverse("moderation:message", args=[found.pk])

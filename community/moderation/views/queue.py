"""The lines of what waits, and the verbs that take several items at once."""

from django.contrib import messages
from django.db.models import Max
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from community.comments.models import Comment, Hold, Report

from .. import deciding, hours, queue, rota, telling
from ..models import ModerationAct, What
from ..rights import moderators_only

MOST_AT_ONCE = 50
SPAM_RULE = 3  # where no heading of the rules in force names selling


@moderators_only
@require_safe
def first(request):
    """For moderators: the first line in which somebody waits."""
    tallies = queue.tally()
    return show(request, tallies, tallies.first)


@moderators_only
@require_safe
def line(request, line):
    """For moderators: one line of the queue, the oldest first."""
    if line not in ModerationAct.Line.values:
        raise Http404
    return show(request, queue.tally(), line)


def show(request, tallies, line):
    items, more = queue.page(line, queue.read_key(request.GET.get("after")), looker=request.user)
    add_versions(line, items)
    return render(
        request,
        "moderation/queue.html",
        {
            "tallies": tallies,
            "line": ModerationAct.Line(line),
            "items": items,
            "more": more,
            "here": hours.line_now(),
            "next_on_duty": rota.next_name(),
        },
    )


def add_versions(line, items) -> None:
    """What "Show it" sends along from the list: the message as it is shown, and what was seen."""
    if line != ModerationAct.Line.HELD:
        return
    comments = [item.comment for item in items]
    versions = deciding.versions_of(comments)
    for item in items:
        item.seen = versions[item.comment.pk]
        item.facts = telling.facts_of(What.ACCEPTED, comment=item.comment)
        item.shown = telling.mark_of(item.facts)


@moderators_only
@require_safe
def checks(request):
    """For moderators: decisions about people others worry about, for a second pair of eyes."""
    acts = list(queue.to_check(request.user)[: queue.ON_A_PAGE])
    return render(
        request, "moderation/checks.html", {"acts": acts, "tallies": queue.tally(), "line": None}
    )


@moderators_only
@require_POST
def check(request, pk):
    """For moderators other than the one who decided: I have looked at it too."""
    act = ModerationAct.objects.filter(pk=pk, needs_check=True).first()
    if act is None:
        raise Http404
    try:
        done = deciding.check(act, request.user, request.POST.get("words", "")[:500])
        messages.success(request, "Noted." if done else "Another moderator has looked already.")
    except deciding.NotOwn:
        messages.warning(request, "Another moderator looks at your own decisions.")
    return redirect("moderation:checks")


@moderators_only
@require_POST
def spam(request):
    """For moderators: take down plain spam, several at once, each writer told. Nothing else can
    be done to more than one comment."""
    ids = [int(pk) for pk in request.POST.getlist("comment") if pk.isdecimal() and len(pk) < 18]
    line = request.POST.get("line", "")
    line = line if line in ModerationAct.Line.values else ModerationAct.Line.HELD
    comments = list(
        Comment.objects.filter(pk__in=ids[:MOST_AT_ONCE], state__in=["held", "visible"])
        .exclude(author=request.user)
        .exclude(pk__in=Report.objects.waiting().worried().filter(member=None).values("comment"))
        .select_related("author", "article")
        .defer("article__body", "article__body_html")
        .order_by("pk")
    )
    if not comments:
        messages.warning(request, "Tick the comments that are plain spam first.")
        return redirect("moderation:line", line)
    if "sure" in request.POST:
        return take_down(request, comments, line)
    versions, sources = deciding.versions_of(comments), sources_of(comments)
    rules = telling.rules()
    first = comments[0]
    facts = telling.facts_of(
        What.HIDDEN,
        comment=first,
        rule=telling.rule_about("selling", rules) or SPAM_RULE,
        source=sources[first.pk],
        headings=dict(rules),
    )
    return render(
        request,
        "moderation/spam.html",
        {
            "comments": [(comment, versions[comment.pk]) for comment in comments],
            "facts": facts,
            "line": line,
            "newest_report": Report.objects.aggregate(newest=Max("pk"))["newest"] or 0,
        },
    )


def sources_of(comments) -> dict[int, str]:
    """What led to each of several comments, in two queries."""
    held = set(
        Hold.objects.waiting().filter(comment__in=comments).values_list("comment", flat=True)
    )
    reasons = {comment.pk: [] for comment in comments}
    reported = Report.objects.waiting().filter(comment__in=comments)
    for pk, reason in reported.values_list("comment", "reason"):
        reasons[pk].append(reason)
    return {pk: deciding.source_of(reasons[pk], pk in held) for pk in reasons}


def take_down(request, comments, line):
    done, missed = 0, 0
    sources, headings = sources_of(comments), dict(telling.rules())
    rule = telling.rule_about("selling", headings.items()) or SPAM_RULE
    newest = request.POST.get("newest_report", "")
    for comment in comments:
        decision = deciding.Decision(
            deed=What.HIDDEN.value,
            by=request.user,
            comment=comment,
            why="Plain spam.",
            rule=rule,
            headings=headings,
            source=sources[comment.pk],
            line=line,
            waiting_since=deciding.waiting_since(comment),
            seen=request.POST.get(f"seen-{comment.pk}", ""),
            newest_report=int(newest) if newest.isdecimal() and len(newest) < 19 else 0,
        )
        try:
            deciding.decide(decision)
            done += 1
        except deciding.AlreadyDecided:
            missed += 1
    messages.success(request, f"{done} taken down. Each writer is told.")
    if missed:
        messages.warning(request, f"{missed} were left: somebody else decided meanwhile.")
    return redirect("moderation:line", line)

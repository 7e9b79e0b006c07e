"""One item, and what a moderator decides about it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.comments.models import Comment
from community.members.models import Member

from .. import case as cases
from .. import deciding, looking, queue, telling
from ..deeds import DEEDS, PASSING
from ..forms import DecisionForm, OneBox, PassOnForm, ReplyChoice
from ..models import ModerationAct, StaffNote, What
from ..rights import leads, may_remember, moderators_only

LAST_ID = 2**63 - 1


def comment_case(request, pk):
    if pk > LAST_ID:
        raise Http404
    return cases.of_comment(pk, request.user, leads=leads(request.user))


def member_case(request, pk):
    member = get_object_or_404(Member, pk=pk if pk <= LAST_ID else 0)
    return cases.of_member(member, request.user, leads=leads(request.user))


@moderators_only
@require_safe
def comment(request, pk):
    """For moderators: one comment with everything around it."""
    return show(request, comment_case(request, pk))


@moderators_only
@require_safe
def member(request, pk):
    """For moderators: one member in numbers, with notes and earlier decisions."""
    return show(request, member_case(request, pk))


def show(request, case, *, status=200, pass_on=None):
    if case.is_own:  # reports and notes about oneself are for the others
        return own(request)
    return render(
        request,
        "moderation/case.html",
        {
            "case": case,
            "rules": telling.rules(),
            "passing": PASSING,
            "pass_on": pass_on or PassOnForm(auto_id="pass_%s"),
            "form": pass_on,  # with what is to be mended in it
            "note_form": OneBox(label="A note for moderators", auto_id="note_%s"),
            "neighbors": queue.neighbors(case, request.user),
            "may_remember": may_remember(request.user),
        },
        status=status,
    )


@moderators_only
@require_POST
def open_case(request, pk):
    """For moderators: take an item up; the others see who has it open."""
    found = get_object_or_404(Comment, pk=pk if pk <= LAST_ID else 0)
    looking.look(found, request.user)
    return redirect("moderation:comment", pk)


@moderators_only
@require_POST
def here(request, pk):
    """For the open page of a moderator: still here."""
    looking.look(get_object_or_404(Comment, pk=pk if pk <= LAST_ID else 0), request.user)
    return HttpResponse(status=204)


@moderators_only
@require_http_methods(["GET", "HEAD", "POST"])
def decide_comment(request, pk):
    """For moderators: a decision about a comment, its message shown before it is sent."""
    return decide(request, comment_case(request, pk))


@moderators_only
@require_http_methods(["GET", "HEAD", "POST"])
def decide_member(request, pk):
    """For moderators: a decision about a member, its message shown before it is sent."""
    return decide(request, member_case(request, pk))


def decide(request, case):
    sent = request.POST if request.method == "POST" else None
    deed = DEEDS.get((sent or request.GET).get("do", ""))
    if deed is None or (deed.for_leads and not leads(request.user)):
        raise Http404
    if case.is_own:
        return own(request)
    if sent is not None and sent.get("seen", "") != case.seen:
        try:
            deciding.look_whether_first(deed, sent.get("seen", ""), case.comment, case.member)
        except deciding.AlreadyDecided as earlier:
            return decided(request, case, earlier.act, sent)
    if deed not in case.deeds:
        raise Http404
    return write(request, case, deed, sent)


def write(request, case, deed, sent):
    """The form of a decision. It is done when its message is the one that was shown."""
    replies = ReplyChoice(deed, is_worried=case.is_worried)
    if sent is not None and "use" in sent:
        sent = sent.copy()
        reply = replies.chosen(sent.get("reply", ""))
        sent["own_words"] = f"{sent.get('own_words', '')}\n\n{reply}".strip()
    headings = dict(telling.rules()) if deed.takes_rule else {}
    first = beginning(request, case, deed, replies)
    form = DecisionForm(deed, sent, initial=first, headings=headings, comment=case.comment)
    decision = decision_of(request, case, deed, form)
    decision.headings = headings
    is_good = sent is not None and form.is_valid()
    if is_good and "use" not in sent:
        shown = sent.get("shown") == telling.mark_of(decision.facts)
        if not decision.tells or shown:
            return do(request, case, decision, sent)
    facts = decision.facts if is_good or not deed.takes_rule or decision.rule else ""
    if deed.needs & {"until"} and not decision.until:
        facts = ""
    if sent is not None and "use" in sent:
        form.errors.clear()
    return render(
        request,
        "moderation/decide.html",
        {
            "case": case,
            "deed": deed,
            "form": form,
            "replies": replies.replies,
            "facts": facts,
            "shown": telling.mark_of(facts) if facts else "",
            "look_again": is_good and "use" not in sent,
        },
    )


def beginning(request, case, deed, replies) -> dict:
    given = {"rule": request.GET.get("rule", ""), "seen": case.seen}
    given["newest_report"] = case.newest_report
    given["worries"] = ",".join(map(str, case.worries))
    given["own_words"] = replies.chosen(request.GET.get("reply", ""))
    if deed.what == What.EDITED:
        given["text"] = case.comment.source
        given["content_note"] = case.comment.content_note
        given["rule"] = given["rule"] or telling.rule_about("privacy", telling.rules())
    if deed.what == What.NOTED and case.mark:
        names = ("note", "ask_about", "source_title", "source_url")
        given |= {name: getattr(case.mark, name) for name in names}
    return given


def decision_of(request, case, deed, form) -> deciding.Decision:
    """What the form says; before it is good, what is known so far."""
    data = form.cleaned_data if form.is_bound and form.is_valid() else {}
    rule = data.get("rule") or number(form["rule"].value() if deed.takes_rule else "")
    return deciding.Decision(
        deed=deed.key,
        by=request.user,
        comment=case.comment,
        member=case.member,
        own_words=data.get("own_words", ""),
        why=data.get("why", ""),
        rule=rule,
        until=data.get("until"),
        text=data.get("text", ""),
        content_note=data.get("content_note", ""),
        quoted=data.get("quoted", ""),
        note=form.note_of if data else {},
        source=case.source,
        line=case.line,
        waiting_since=case.waiting_since,
        seen=data.get("seen", ""),
        newest_report=data.get("newest_report") or 0,
        worries=data.get("worries", frozenset()),
    )


def number(text) -> int | None:
    text = str(text or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else None


def do(request, case, decision, sent):
    try:
        act = deciding.decide(decision)
    except deciding.AlreadyDecided as earlier:
        return decided(request, case, earlier.act, sent)
    except deciding.NotOwn:
        return own(request)
    told = " The writer is told." if act.told and act.member_id else ""
    messages.success(request, f"Done: {act.get_what_display().lower()}.{told}")
    if case.comment is None:
        return redirect("moderation:member", case.member.pk)
    if decision.what not in deciding.CLOSES_COMMENT and case.is_waiting:
        messages.info(request, "The comment itself still waits for a decision.")
        return redirect("moderation:comment", case.comment.pk)
    looking.looked(case.comment, request.user)
    return redirect("moderation:line", case.line) if case.line else redirect("moderation:queue")


def decided(request, case, act, sent):
    """Somebody was first. Nothing is done twice, and what was typed is still there."""
    kept = [sent.get(name, "") for name in ("own_words", "why", "text", "note")]
    return render(
        request,
        "moderation/decided.html",
        {"case": case, "act": act, "kept": [words for words in kept if words.strip()]},
        status=409,
    )


def own(request):
    return render(request, "moderation/own.html", status=403)


@moderators_only
@require_POST
def pass_on(request, pk):
    """For moderators: ask another, hand over, or write down a call for help."""
    case = comment_case(request, pk)
    if case.is_own:
        return own(request)
    form = PassOnForm(request.POST, auto_id="pass_%s")
    if not form.is_valid():
        return show(request, case, pass_on=form)
    deciding.pass_on(
        form.cleaned_data["what"], case.comment, request.user, form.cleaned_data["words"]
    )
    looking.looked(case.comment, request.user)
    messages.success(request, "The others see it with the item.")
    return redirect("moderation:comment", pk)


@moderators_only
@require_POST
def add_note(request, pk):
    """For moderators: a note about a member that she never sees."""
    member = get_object_or_404(Member, pk=pk if pk <= LAST_ID else 0)
    form = OneBox(request.POST)
    if member.pk == request.user.pk:
        return own(request)
    if form.is_valid():
        # The same words by the same moderator are the second press of the button.
        StaffNote.objects.get_or_create(
            member=member, by=request.user, words=form.cleaned_data["words"]
        )
        messages.success(request, "The note is kept.")
    else:
        messages.warning(request, form.errors["words"][0])
    return redirect("moderation:member", pk)


@moderators_only
@require_safe
def act(request, pk):
    """For moderators: one act of the record, whole."""
    acts = ModerationAct.objects.select_related("by", "member", "comment__article", "answers")
    found = get_object_or_404(acts, pk=pk if pk <= LAST_ID else 0)
    if found.member_id == request.user.pk:  # what she may know of it stands in her messages
        return own(request)
    return render(request, "moderation/act.html", {"act": found})

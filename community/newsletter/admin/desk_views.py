"""The page of a letter at the desk: how it looks, how it is doing, and the deeds on it."""

from collections import Counter
from dataclasses import asdict

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.formats import date_format
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override

from advocacy_site.content_security import ADMIN_POLICY

from .. import sending, tasks
from ..models import Issue
from ..progress import progress_of
from ..trying import send_a_try
from ..writing import write_letter
from .forms import TryForm, WhenForm
from .writing_views import LETTER_POLICY, drawn

WITH_FRAMES = {**ADMIN_POLICY, "frame-src": [CSP.SELF]}

LOOK_NAMES = {
    "html": "On a phone",
    "discreet": "Discreet",
    "text": "Text alone",
    "text-discreet": "Text alone, discreet",
}

LAST_FAILURES = 200

# What a button does, and what is said when it was done.
DEEDS = {
    "hold": (lambda issue: sending.hold(issue, "An editor held it."), "It is held."),
    "resume": (sending.resume, "It goes on."),
    "stop": (sending.stop_for_good, "It is stopped for good."),
    "unschedule": (sending.unschedule, "It is off the schedule, and a draft again."),
    "doubtful": (sending.send_doubtful_again, "Those in doubt get it again."),
}


class DeskViews:
    """For the admin of Issue."""

    def desk_urls(self):
        def page(view, policy=ADMIN_POLICY):
            return csp_override(policy)(self.admin_site.admin_view(view))

        return [
            path("<int:pk>/progress/", page(self.progress), name="newsletter_issue_progress"),
            path("<int:pk>/desk/", page(self.desk, WITH_FRAMES), name="newsletter_issue_desk"),
            path("<int:pk>/deed/", page(self.deed), name="newsletter_issue_deed"),
            path("<int:pk>/send/", page(self.send), name="newsletter_issue_send"),
            path(
                "<int:pk>/look/<str:look>/",
                xframe_options_sameorigin(page(self.look, LETTER_POLICY)),
                name="newsletter_issue_look",
            ),
        ]

    def find(self, request, pk) -> Issue:
        """Staff who may read letters."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Issue, pk=pk)

    def desk(self, request, pk):
        return self.show_desk(request, self.find(request, pk))

    def context(self, request, issue, **more):
        return {
            **self.admin_site.each_context(request),
            "title": issue.subject,
            "opts": Issue._meta,
            "issue": issue,
            "is_nav_sidebar_enabled": False,
            "frames": LOOK_NAMES,
            **more,
        }

    def show_desk(self, request, issue, *, when=None, trying=None):
        """``when`` and ``trying`` are forms with mistakes: what was typed stays."""
        zone = timezone.get_current_timezone_name()
        return render(
            request,
            "admin/newsletter/desk.html",
            self.context(
                request,
                issue,
                zone=zone,
                now=timezone.now(),
                recipients=sending.recipients_now(issue) if issue.may_change else None,
                **{
                    "missing": sending.missing(issue) if issue.may_change else [],
                    "progress": progress_of(issue),
                    "failures": last_failures(issue),
                    "when": when or WhenForm(initial={"when": issue.scheduled_for}),
                    "trying": trying or TryForm(initial={"address": request.user.email}),
                    "may_send": request.user.has_perm("newsletter.send_issue"),
                },
            ),
        )

    def send(self, request, pk):
        """Staff who may send letters: how many it goes to, and then one press."""
        if not request.user.has_perm("newsletter.send_issue"):
            raise PermissionDenied
        issue = self.find(request, pk)
        if not issue.may_change:
            return redirect("admin:newsletter_issue_desk", issue.pk)
        if request.method == "POST":
            return self.start(request, issue)
        return render(
            request,
            "admin/newsletter/send.html",
            self.context(
                request,
                issue,
                here="Send",
                recipients=sending.recipients_now(issue),
                missing=sending.missing(issue),
            ),
        )

    def start(self, request, issue):
        try:
            if sending.start(issue):
                tasks.send_letter.enqueue(issue.pk)
                count = issue.deliveries.count()
                self.message_user(request, f"It is on its way to {people(count)}.")
        except sending.NotReady as not_ready:
            self.message_user(request, str(not_ready), messages.ERROR)
        return redirect("admin:newsletter_issue_desk", issue.pk)

    def look(self, request, pk, look):
        """The letter as a mail program draws it."""
        return drawn(write_letter(self.find(request, pk)), look)

    def progress(self, request, pk):
        """How it is doing, for the page that watches it."""
        issue = self.find(request, pk)
        progress = progress_of(issue)
        facts = asdict(progress) | {
            "percent": progress.percent,
            "time_to_end": str(progress.time_to_end or "–"),
        }
        at = date_format(timezone.localtime(), "g:i:s A")
        return JsonResponse({"state": issue.state, "progress": facts, "at": at})

    def deed(self, request, pk):
        """Staff who may send letters."""
        if request.method != "POST" or not request.user.has_perm("newsletter.send_issue"):
            raise PermissionDenied
        issue = self.find(request, pk)
        try:
            answer = self.do(request, issue, request.POST.get("deed", ""))
        except sending.NotReady as not_ready:
            self.message_user(request, str(not_ready), messages.ERROR)
            answer = None
        return answer or redirect("admin:newsletter_issue_desk", issue.pk)

    def do(self, request, issue, deed):
        """A response where a form has mistakes, else None."""
        if deed == "try":
            return self.send_a_try(request, issue)
        if deed == "schedule":
            return self.schedule(request, issue)
        if deed in DEEDS:
            act, done = DEEDS[deed]
            if act(issue):
                self.message_user(request, done)
                if deed in {"resume", "doubtful"}:
                    tasks.send_letter.enqueue(issue.pk)
            else:
                self.message_user(request, "Nothing to change: look at its state above.")
        return None

    def send_a_try(self, request, issue):
        form = TryForm(request.POST)
        if not form.is_valid():
            return self.show_desk(request, issue, trying=form)
        address = form.cleaned_data["address"]
        try:
            send_a_try(issue, address, discreet=form.cleaned_data["discreet"])
        except (OSError, ValueError) as error:
            self.message_user(
                request, f"The mail server did not take the try: {error}", messages.ERROR
            )
            return self.show_desk(request, issue, trying=form)
        self.message_user(request, f"A try is on its way to {address}.")
        return None

    def schedule(self, request, issue):
        form = WhenForm(request.POST)
        if not form.is_valid():
            return self.show_desk(request, issue, when=form)
        when = form.cleaned_data["when"]
        if sending.schedule(issue, when):
            tasks.send_letter.using(run_after=when).enqueue(issue.pk)
            day = date_format(timezone.localtime(when), "F j, Y, g:i A T")
            self.message_user(request, f"It goes out on {day}.")
        return None


def people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def last_failures(issue) -> list[dict]:
    """What the mail server said to the last that failed, the same words once, with their count."""
    last = issue.deliveries.filter(state="failed").order_by("-done_at").values_list("answer")
    counted = Counter(answer for (answer,) in last[:LAST_FAILURES])
    return [{"answer": answer, "count": count} for answer, count in counted.most_common(10)]

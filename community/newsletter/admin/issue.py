"""Letters at the editors' desk: write, look, try on yourself, schedule, send, hold, stop."""

from collections import Counter
from dataclasses import asdict
from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.formats import date_format
from django.utils.html import format_html
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override

from advocacy_site.cards import kinds
from advocacy_site.content_security import ADMIN_POLICY
from advocacy_site.html import TooMuch, render_prose
from articles.admin.signed_out import give_words_back, words_sent

from .. import digest, sending, tasks
from ..models import Issue
from ..progress import progress_of
from ..trying import send_a_try
from ..writing import write_letter
from .writing_views import LETTER_POLICY, WRITTEN, WritingViews, drawn

WITH_FRAMES = {**ADMIN_POLICY, "frame-src": [CSP.SELF]}

LOOK_NAMES = {
    "html": "On a phone",
    "discreet": "Discreet",
    "text": "Text alone",
    "text-discreet": "Text alone, discreet",
}

LAST_FAILURES = 200
# A slip in the year would wait unseen; and the last hours of 9999 are past what Python can read.
FURTHEST = timedelta(days=366)

# What a button does, and what is said when it was done.
DEEDS = {
    "hold": (lambda issue: sending.hold(issue, "An editor held it."), "It is held."),
    "resume": (sending.resume, "It goes on."),
    "stop": (sending.stop_for_good, "It is stopped for good."),
    "unschedule": (sending.unschedule, "It is off the schedule, and a draft again."),
    "doubtful": (sending.send_doubtful_again, "Those in doubt get it again."),
}


class IssueForm(forms.ModelForm):
    class Meta:
        model = Issue
        fields = ["kind", "subject", "discreet_subject", "opening", "body", "in_archive"]
        widgets = {"body": forms.Textarea(attrs={"rows": 24})}

    def clean_body(self):
        body = self.cleaned_data["body"].replace("\r\n", "\n")
        try:
            render_prose(body)
        except TooMuch as too_much:
            raise forms.ValidationError(str(too_much)) from too_much
        return body

    def clean(self):
        """Read again, locked, in the transaction of the request: the first mail may have left
        while she was writing."""
        if self.instance.pk:
            now = Issue.objects.select_for_update().filter(pk=self.instance.pk).first()
            if now is None or not now.may_change:
                raise forms.ValidationError(
                    "This letter is on its way already: its words cannot change any more."
                )
        return super().clean()


class WhenForm(forms.Form):
    when = forms.SplitDateTimeField(
        widget=forms.SplitDateTimeWidget(
            date_format="%Y-%m-%d",
            time_format="%H:%M",
            date_attrs={"type": "date", "aria-label": "Date"},
            time_attrs={"type": "time", "aria-label": "Time"},
        ),
        error_messages={
            "required": "Enter a date and a time, such as 2026-12-24 and 09:00.",
            "invalid": "Enter a date and a time, such as 2026-12-24 and 09:00.",
            "invalid_date": "Enter the date in this form: 2026-12-24.",
            "invalid_time": "Enter the time in this form: 09:00.",
        },
    )

    def clean_when(self):
        when = self.cleaned_data["when"]
        if when and when <= timezone.now():
            raise forms.ValidationError(
                "That minute has passed. Choose a later one, or send the letter now."
            )
        if when and when > timezone.now() + FURTHEST:
            raise forms.ValidationError("Choose a day within the next year.")
        return when


class TryForm(forms.Form):
    address = forms.EmailField(
        max_length=254,
        error_messages={
            "required": "Enter an address to send the try to.",
            "invalid": "Enter an address in this form: name@example.com.",
        },
    )
    discreet = forms.BooleanField(required=False)


@admin.register(Issue)
class IssueAdmin(WritingViews, admin.ModelAdmin):
    form = IssueForm
    list_display = ["letter", "state", "when", "kind"]
    list_display_links = None
    list_filter = ["state", "kind"]
    actions = None
    list_per_page = 50
    search_fields = ["subject"]
    change_form_template = "admin/newsletter/issue.html"

    @admin.display(description="letter", ordering="subject")
    def letter(self, issue):
        """To the page where it is sent and watched; its words are one press further."""
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:newsletter_issue_desk", args=[issue.pk]), issue
        )

    @admin.display(description="when", ordering="started_at")
    def when(self, issue):
        moment = issue.started_at or issue.scheduled_for
        return date_format(timezone.localtime(moment), "F j, Y, g:i A") if moment else "–"

    def change_view(self, request, object_id, *args, **kwargs):
        """The words of a letter that left are read at the desk."""
        issue = self.get_object(request, object_id)
        if issue and not issue.may_change:
            if request.method == "GET":
                return redirect("admin:newsletter_issue_desk", issue.pk)
            if super().has_change_permission(request, issue):
                return self.too_late(request)
        return super().change_view(request, object_id, *args, **kwargs)

    def too_late(self, request):
        """It left while she was writing: her words come back, to copy."""
        context = {
            **self.admin_site.each_context(request),
            "title": "This letter is on its way",
            "why": "This letter was sent while you were writing: its words cannot change any more."
            " Here are yours, to copy; nothing of them was saved.",
            "words": words_sent(request, WRITTEN),
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/articles/signed_out.html", context, status=409)

    def render_change_form(self, request, context, **kwargs):
        context |= {
            "is_nav_sidebar_enabled": False,
            "subtitle": None,
            "card_kinds": kinds(),
            "frames": LOOK_NAMES,
        }
        return super().render_change_form(request, context, **kwargs)

    def get_changeform_initial_data(self, request):
        """A new letter starts from what is new since the last one."""
        return {"body": digest.whats_new()} | super().get_changeform_initial_data(request)

    def has_change_permission(self, request, obj=None):
        return (obj is None or obj.may_change) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return (obj is None or obj.may_change) and super().has_delete_permission(request, obj)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
            super().save_model(request, obj, form, change)
        elif form.changed_data:  # her words alone: the state is another's to write
            obj.save(update_fields=form.changed_data)

    def response_post_save_add(self, request, obj):
        return redirect("admin:newsletter_issue_desk", obj.pk)

    response_post_save_change = response_post_save_add

    def get_urls(self):
        def page(view, policy=ADMIN_POLICY):
            return csp_override(policy)(self.admin_site.admin_view(view))

        own = super().get_urls()
        for pattern in own:  # signed out while she wrote: her words come back, to copy
            if pattern.name in {"newsletter_issue_add", "newsletter_issue_change"}:
                view = csp_override(WITH_FRAMES)(pattern.callback)
                pattern.callback = give_words_back(self.admin_site, view, WRITTEN)
        return [
            *self.writing_urls(),
            path("<int:pk>/progress/", page(self.progress), name="newsletter_issue_progress"),
            path("<int:pk>/desk/", page(self.desk, WITH_FRAMES), name="newsletter_issue_desk"),
            path("<int:pk>/deed/", page(self.deed), name="newsletter_issue_deed"),
            path("<int:pk>/send/", page(self.send), name="newsletter_issue_send"),
            path(
                "<int:pk>/look/<str:look>/",
                xframe_options_sameorigin(page(self.look, LETTER_POLICY)),
                name="newsletter_issue_look",
            ),
            *own,
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

"""Letters at the editors' desk: write, look, try on yourself, schedule, send, hold, stop."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.validators import validate_email
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.csp import CSP
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override

from advocacy_site.content_security import ADMIN_POLICY
from advocacy_site.html import TooMuch, render_prose
from advocacy_site.markdown_editor import MarkdownEditor

from .. import digest, sending, tasks
from ..models import Issue
from ..progress import progress_of
from ..trying import send_a_try
from ..writing import write_letter

# A letter carries its styles in its elements, as mail programs need it. Its preview is a page
# of its own in a sandbox: it may draw itself and nothing else.
LETTER_POLICY = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "frame-ancestors": [CSP.SELF],
    "sandbox": ["allow-popups"],
}
WITH_FRAMES = {**ADMIN_POLICY, "frame-src": [CSP.SELF]}

DEEDS = {
    "hold": lambda issue: sending.hold(issue, "An editor held it."),
    "resume": sending.resume,
    "stop": sending.stop_for_good,
    "unschedule": sending.unschedule,
    "doubtful": sending.send_doubtful_again,
}


class IssueForm(forms.ModelForm):
    class Meta:
        model = Issue
        fields = ["kind", "subject", "discreet_subject", "opening", "body", "in_archive"]
        widgets = {"body": MarkdownEditor}

    def clean_body(self):
        body = self.cleaned_data["body"].replace("\r\n", "\n")
        try:
            render_prose(body)
        except TooMuch as too_much:
            raise forms.ValidationError(str(too_much)) from too_much
        return body


class WhenForm(forms.Form):
    when = forms.SplitDateTimeField(widget=admin.widgets.AdminSplitDateTime)


@admin.register(Issue)
class IssueAdmin(admin.ModelAdmin):
    form = IssueForm
    list_display = ["subject", "kind", "state", "scheduled_for", "started_at"]
    list_filter = ["state", "kind"]
    list_per_page = 50
    search_fields = ["subject"]
    change_form_template = "admin/newsletter/issue.html"
    save_on_top = True

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

    def response_post_save_add(self, request, obj):
        return redirect("admin:newsletter_issue_desk", obj.pk)

    response_post_save_change = response_post_save_add

    def get_urls(self):
        def page(view, policy=ADMIN_POLICY):
            return csp_override(policy)(self.admin_site.admin_view(view))

        return [
            path("<int:pk>/desk/", page(self.desk, WITH_FRAMES), name="newsletter_issue_desk"),
            path("<int:pk>/deed/", page(self.deed), name="newsletter_issue_deed"),
            path(
                "<int:pk>/look/<str:kind>/",
                xframe_options_sameorigin(page(self.look, LETTER_POLICY)),
                name="newsletter_issue_look",
            ),
            *super().get_urls(),
        ]

    def find(self, request, pk) -> Issue:
        """Staff who may read letters."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Issue, pk=pk)

    def desk(self, request, pk):
        issue = self.find(request, pk)
        letter = write_letter(issue)
        return render(
            request,
            "admin/newsletter/desk.html",
            {
                **self.admin_site.each_context(request),
                "title": issue.subject,
                "opts": Issue._meta,
                "issue": issue,
                "missing": sending.missing(issue) if issue.may_change else [],
                "text": letter.for_reader(text_only=True).text,
                "progress": progress_of(issue),
                "failures": issue.deliveries.filter(state="failed").order_by("-done_at")[:20],
                "when": WhenForm(initial={"when": issue.scheduled_for}),
                "may_send": request.user.has_perm("newsletter.send_issue"),
            },
        )

    def look(self, request, pk, kind):
        """The letter as a mail program draws it. ``kind``: html or discreet."""
        letter = write_letter(self.find(request, pk))
        return HttpResponse(letter.for_reader(discreet=kind == "discreet").html)

    def deed(self, request, pk):
        """Staff who may send letters."""
        if request.method != "POST" or not request.user.has_perm("newsletter.send_issue"):
            raise PermissionDenied
        issue = self.find(request, pk)
        try:
            self.do(request, issue, request.POST.get("deed", ""))
        except sending.NotReady as not_ready:
            self.message_user(request, str(not_ready), messages.ERROR)
        return redirect("admin:newsletter_issue_desk", issue.pk)

    def do(self, request, issue, deed):
        match deed:
            case "try":
                self.send_a_try(request, issue)
            case "send":
                if sending.start(issue):
                    tasks.send_letter.enqueue(issue.pk)
                    self.message_user(request, "It is on its way.")
            case "schedule":
                self.schedule(request, issue)
            case _ if deed in DEEDS:
                if DEEDS[deed](issue):
                    tasks.send_letter.enqueue(issue.pk)
                    self.message_user(request, "Done.")

    def send_a_try(self, request, issue):
        address = request.POST.get("address", "").strip()
        try:
            validate_email(address)
        except forms.ValidationError:
            self.message_user(request, "Enter an address to send the try to.", messages.ERROR)
            return
        send_a_try(issue, address, discreet="discreet" in request.POST)
        self.message_user(request, f"A try is on its way to {address}.")

    def schedule(self, request, issue):
        form = WhenForm(request.POST)
        if not form.is_valid():
            self.message_user(request, "Enter a date and a time.", messages.ERROR)
            return
        if sending.schedule(issue, form.cleaned_data["when"]):
            tasks.send_letter.using(run_after=form.cleaned_data["when"]).enqueue(issue.pk)
            self.message_user(request, "It goes out at that minute.")

from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from advocacy_site.html import TooMuch, render_prose
from advocacy_site.markdown_editor import MarkdownEditor

from .models import Policy, PolicyVersion

# A slip in the year would wait unseen; and the last evening of 9999 is stored, but not read back.
FURTHEST = timedelta(days=366)


class PolicyVersionForm(forms.ModelForm):
    is_sure = forms.BooleanField(
        label="I have read the preview",
        required=False,
        help_text="To post it. From that minute nobody can change this version, only replace it.",
    )

    class Meta:
        model = PolicyVersion
        fields = ["policy", "title", "standfirst", "body", "changed", "published_at"]
        widgets = {"body": MarkdownEditor(preview="admin:policies_policyversion_preview")}

    def clean_body(self):
        body = self.cleaned_data["body"]
        try:
            problems = render_prose(body).problems
        except TooMuch as too_much:
            raise forms.ValidationError(str(too_much)) from too_much
        if problems:
            raise forms.ValidationError([str(problem) for problem in problems])
        return body

    def clean_published_at(self):
        """A text cannot have been in force before anyone could read it."""
        published_at = self.cleaned_data["published_at"]
        if published_at and published_at > timezone.now() + FURTHEST:
            raise forms.ValidationError("Choose a day within the next year.")
        if published_at and "published_at" in self.changed_data:
            self.was_moved = published_at < timezone.now()
            return max(published_at, timezone.now())
        return published_at

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("published_at") and not cleaned.get("is_sure"):
            self.add_error("is_sure", "Read the preview and tick this box before you post it.")
        return cleaned


@admin.register(PolicyVersion)
class PolicyVersionAdmin(admin.ModelAdmin):
    form = PolicyVersionForm
    list_display = ["title", "policy", "number", "published_at", "changed"]
    list_filter = ["policy__kind"]
    list_select_related = ["policy"]
    list_per_page = 50
    actions = None  # versions are deleted one by one, and only drafts

    def add_view(self, request, form_url="", extra_context=None):
        """First choose the text; a new version of it then starts from the words in force."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "GET" and "policy" not in request.GET:
            context = {
                **self.admin_site.each_context(request),
                "title": "Which text do you want to write anew?",
                "opts": self.opts,
                "policies": Policy.objects.all(),
            }
            return render(request, "admin/policies/choose.html", context)
        return super().add_view(request, form_url, extra_context)

    def get_urls(self):
        preview = self.admin_site.admin_view(self.preview_view)
        return [
            path("preview/", preview, name="policies_policyversion_preview"),
            *super().get_urls(),
        ]

    def preview_view(self, request):
        """Staff who may write posted texts: the text as its page would show it."""
        if not (self.has_add_permission(request) or super().has_change_permission(request)):
            raise PermissionDenied
        return preview(request)

    def get_readonly_fields(self, request, obj=None):
        """A draft stays a draft of the text it was begun for."""
        return ["policy"] if obj else []

    def get_changeform_initial_data(self, request):
        """A new version starts from the words in force."""
        initial = super().get_changeform_initial_data(request)
        policy = Policy.objects.filter(pk=initial.get("policy")).first()
        current = policy and PolicyVersion.objects.in_force(policy.kind)
        if current:
            initial |= {
                "title": current.title,
                "standfirst": current.standfirst,
                "body": current.body,
            }
        return initial

    def has_change_permission(self, request, obj=None):
        return (obj is None or not obj.is_published) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return (obj is None or not obj.is_published) and super().has_delete_permission(request, obj)

    def save_model(self, request, obj, form, change):
        if obj.published_at and not obj.published_by:
            obj.published_by = request.user
        if getattr(form, "was_moved", False):
            self.message_user(
                request, "That moment is over: it is in force from now on.", messages.WARNING
            )
        super().save_model(request, obj, form, change)


@require_POST
def preview(request):
    context = {}
    try:
        context["prose"] = render_prose(request.POST.get("content", "").replace("\r\n", "\n"))
    except TooMuch as too_much:
        context["too_much"] = str(too_much)
    return render(request, "admin/_prose_preview.html", context)


@admin.register(Policy)
class PolicyAdmin(admin.ModelAdmin):
    """The kinds are fixed; they are made with their first version."""

    list_display = ["kind"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

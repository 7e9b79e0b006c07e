from django import forms
from django.contrib import admin
from django.utils import timezone

from advocacy_site.html import TooMuch, render_prose
from advocacy_site.markdown_editor import MarkdownEditor

from .models import Policy, PolicyVersion


class PolicyVersionForm(forms.ModelForm):
    class Meta:
        model = PolicyVersion
        fields = ["policy", "title", "standfirst", "body", "changed", "published_at"]
        widgets = {"body": MarkdownEditor}

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
        if published_at and "published_at" in self.changed_data:
            return max(published_at, timezone.now())
        return published_at


@admin.register(PolicyVersion)
class PolicyVersionAdmin(admin.ModelAdmin):
    form = PolicyVersionForm
    list_display = ["title", "policy", "number", "published_at", "changed"]
    list_filter = ["policy__kind"]
    list_select_related = ["policy"]
    list_per_page = 50

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
        super().save_model(request, obj, form, change)


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

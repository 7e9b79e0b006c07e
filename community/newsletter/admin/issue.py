"""Letters at the editors' desk: the list, and writing one. What is done with it afterwards stands
in ``desk_views``, what the writing page asks for meanwhile in ``writing_views``."""

from django.contrib import admin
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.views.decorators.csp import csp_override

from advocacy_site.cards import kinds
from articles.admin.signed_out import give_words_back, words_sent

from .. import digest
from ..models import Issue
from .desk_views import LOOK_NAMES, WITH_FRAMES, DeskViews
from .forms import IssueForm
from .writing_views import WRITTEN, WritingViews


@admin.register(Issue)
class IssueAdmin(WritingViews, DeskViews, admin.ModelAdmin):
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
        own = super().get_urls()
        for pattern in own:  # signed out while she wrote: her words come back, to copy
            if pattern.name in {"newsletter_issue_add", "newsletter_issue_change"}:
                view = csp_override(WITH_FRAMES)(pattern.callback)
                pattern.callback = give_words_back(self.admin_site, view, WRITTEN)
        return [*self.writing_urls(), *self.desk_urls(), *own]

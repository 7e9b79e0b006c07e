"""The list of subscribers. It shows no address: one finds a person by typing all of hers."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.csp import csp_override

from advocacy_site.content_security import ADMIN_POLICY

from .. import consent
from ..addresses import masked
from ..export import export, exported
from ..models import ConsentRecord, Subscriber


class RecordInline(admin.TabularInline):
    model = ConsentRecord
    fields = readonly_fields = [
        "at",
        "deed",
        "choices",
        "words",
        "wording",
        "privacy_policy",
        "page",
    ]
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [
            ("death", "Someone writes that she died (to be read)"),
            ("confirmed", "Confirmed"),
            ("unconfirmed", "Not confirmed"),
            ("stopped", "Stopped"),
            ("returned", "Mail came back"),
        ]

    def queryset(self, request, queryset):
        match self.value():
            case "death":
                return queryset.filter(died_at__isnull=False, death_handled_at=None)
            case "confirmed":
                return queryset.confirmed()
            case "unconfirmed":
                return queryset.never_confirmed()
            case "stopped":
                return queryset.exclude(stopped_at=None)
            case "returned":
                return queryset.exclude(returned="")
        return queryset


class WhyForm(forms.Form):
    why = forms.CharField(
        max_length=300, error_messages={"required": "Write the reason: it goes on record."}
    )


@admin.register(Subscriber)
class SubscriberAdmin(admin.ModelAdmin):
    """For list managers. Choices are hers; what can be done here are the few deeds below."""

    list_display = ["masked", "stands", "confirmed_at"]
    list_filter = [StateFilter]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["-pk"]
    search_fields = ["email"]  # read by get_search_results alone
    search_help_text = "The whole address; a part of one finds nothing."
    inlines = [RecordInline]
    actions = ["note_as_read", "was_a_mistake"]
    exclude = ["email", "key", "topics_left_out"]

    def get_search_results(self, request, queryset, search_term):
        """The exact address only: nobody can fish for names with a letter or two."""
        if not search_term.strip():
            return queryset, False
        return queryset.by_address(search_term.strip()), False

    def get_readonly_fields(self, request, obj=None):
        return ["masked", *(f.name for f in Subscriber._meta.fields if f.name not in self.exclude)]

    def changelist_view(self, request, extra_context=None):
        may_export = request.user.has_perm("newsletter.export_subscribers")
        return super().changelist_view(request, {"may_export": may_export} | (extra_context or {}))

    def get_urls(self):
        view = csp_override(ADMIN_POLICY)(self.admin_site.admin_view(self.export_view))
        return [path("export/", view, name="newsletter_subscriber_export"), *super().get_urls()]

    def export_view(self, request):
        """List managers who may export: the reason, and then the file."""
        if not request.user.has_perm("newsletter.export_subscribers"):
            raise PermissionDenied
        form = WhyForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            response = HttpResponse(
                content_type="text/csv; charset=utf-8",
                headers={"Content-Disposition": 'attachment; filename="subscribers.csv"'},
            )
            export(response, by=request.user, why=form.cleaned_data["why"])
            return response
        context = {
            **self.admin_site.each_context(request),
            "title": "Download the list",
            "opts": Subscriber._meta,
            "is_nav_sidebar_enabled": False,
            "form": form,
            "count": exported().count(),
        }
        return render(request, "admin/newsletter/export.html", context)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="address")
    def masked(self, subscriber):
        return masked(subscriber.email)

    @admin.display(description="how it stands")
    def stands(self, subscriber):
        """One sentence where four columns of dates would have to be put together."""
        s = subscriber
        if s.died_at:
            read = "" if s.death_handled_at else ", to be read"
            return f"Someone wrote on {on(s.died_at)} that she died{read}"
        if s.returned:
            return f"{s.get_returned_display()}, {on(s.returned_at)}"
        if s.stopped_at:
            return f"Stopped on {on(s.stopped_at)}"
        if s.confirmed_at is None:
            return "Not confirmed"
        if s.is_paused:
            return f"Paused until {on(s.paused_until)}" if s.paused_until else "Paused"
        return "Gets emails" if s.choices else "Chose nothing"

    @admin.action(description="A person has read that she died", permissions=["change"])
    def note_as_read(self, request, queryset):
        count = queryset.filter(died_at__isnull=False, death_handled_at=None).update(
            death_handled_at=timezone.now()
        )
        self.message_user(request, f"Noted as read: {count}.")

    @admin.action(description="It was a mistake, she lives: letters again", permissions=["change"])
    def was_a_mistake(self, request, queryset):
        count = sum(consent.undo_death(subscriber) for subscriber in queryset)
        self.message_user(request, f"Put back: {count}.")


def on(moment) -> str:
    return date_format(timezone.localtime(moment), "F j, Y")

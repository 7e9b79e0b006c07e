"""The list of subscribers. It shows no address: one finds a person by typing all of hers."""

from django.contrib import admin
from django.utils import timezone

from .. import consent
from ..addresses import masked
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


@admin.register(Subscriber)
class SubscriberAdmin(admin.ModelAdmin):
    """For list managers. Choices are hers; what can be done here are the few deeds below."""

    list_display = ["masked", "confirmed_at", "stopped_at", "returned", "died_at"]
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

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="address")
    def masked(self, subscriber):
        return masked(subscriber.email)

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

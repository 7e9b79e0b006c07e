from django.contrib import admin

from ..missed_searches import recent_misses
from ..models import AuditEntry, MissedSearch
from ..moments import day_in_words, in_words
from ..rights import edits_all


class ReadOnlyForEditors(admin.ModelAdmin):
    def has_module_permission(self, request):
        return edits_all(request.user)

    def has_view_permission(self, request, obj=None):
        return edits_all(request.user)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyForEditors):
    """Who did what, to be read. The database refuses what this page does not offer either."""

    list_display = ["when", "deed", "title", "revision", "by", "detail"]
    list_filter = ["deed"]
    search_fields = ["title", "detail"]
    list_select_related = ["by"]
    list_per_page = 50
    fields = ["when", "deed", "title", "article", "revision", "by", "detail"]

    @admin.display(description="when", ordering="at")
    def when(self, entry):
        return in_words(entry.at)


@admin.register(MissedSearch)
class MissedSearchAdmin(ReadOnlyForEditors):
    """What readers looked for and did not find: ideas for articles."""

    list_display = ["words", "times", "last"]
    fields = ["words", "times", "last"]
    list_per_page = 50

    @admin.display(description="last on", ordering="last_on")
    def last(self, missed):
        return day_in_words(missed.last_on)

    def get_queryset(self, request):
        """What is too old is not shown either, should the job that drops it not have run."""
        return recent_misses()

from django.contrib import admin

from .models import Shift, StockReply
from .rights import all_moderators


@admin.register(StockReply)
class StockReplyAdmin(admin.ModelAdmin):
    """Replies moderators begin with. Crisis lines: check the numbers twice a year."""

    list_display = ["title", "what", "country", "crisis", "checked_on"]
    search_fields = ["title", "country", "words"]

    @admin.display(description="In danger", boolean=True, ordering="is_crisis")
    def crisis(self, reply):
        """The field's own name is longer than a column."""
        return reply.is_crisis


@admin.register(Shift)
class ShiftAdmin(admin.ModelAdmin):
    list_display = ["moderator", "starts_at", "ends_at"]
    list_select_related = ["moderator"]
    date_hierarchy = "starts_at"

    def formfield_for_foreignkey(self, field, request, **kwargs):
        """Only those who may moderate, by name."""
        if field.name == "moderator":
            kwargs["queryset"] = all_moderators().order_by("display_name")
        return super().formfield_for_foreignkey(field, request, **kwargs)

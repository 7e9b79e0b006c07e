from django.contrib import admin

from .models import Shift, StockReply


@admin.register(StockReply)
class StockReplyAdmin(admin.ModelAdmin):
    """Replies moderators begin with. Crisis lines: check the numbers twice a year."""

    list_display = ["title", "what", "country", "is_crisis", "checked_on"]
    list_filter = ["is_crisis", "what"]
    search_fields = ["title", "words"]


@admin.register(Shift)
class ShiftAdmin(admin.ModelAdmin):
    list_display = ["moderator", "starts_at", "ends_at"]
    list_select_related = ["moderator"]
    raw_id_fields = ["moderator"]
    date_hierarchy = "starts_at"

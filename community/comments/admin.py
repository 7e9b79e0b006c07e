from django.contrib import admin

from .models import Comment, CommentVersion, Conversation, ConversationSwitch, ListedWord


class CommentVersionInline(admin.TabularInline):
    model = CommentVersion
    extra = 0
    fields = readonly_fields = ["source", "content_note", "replaced_at"]
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    """To look at. Words belong to their writer, and what becomes of them is decided at the
    moderators' desk, which tells her."""

    list_display = ["__str__", "author", "article", "state", "created_at"]
    list_filter = ["state"]
    list_select_related = ["author", "article"]
    list_per_page = 50
    show_full_result_count = False
    fields = readonly_fields = [
        "article", "author", "parent", "source", "content_note", "created_at", "edited_at",
        "state", "broken_rule", "state_reason", "state_at", "state_by",
    ]  # fmt: skip
    inlines = [CommentVersionInline]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Conversation)
class ConversationAdmin(admin.ModelAdmin):
    list_display = ["article", "comments_close_at", "latest_at"]
    list_select_related = ["article"]
    autocomplete_fields = ["article"]
    fields = ["article", "comments_close_at", "closed_because"]


@admin.register(ConversationSwitch)
class ConversationSwitchAdmin(admin.ModelAdmin):
    list_display = ["__str__", "closed_at", "sentence"]

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not ConversationSwitch.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(ListedWord)
class ListedWordAdmin(admin.ModelAdmin):
    """Long lists come from a file: ``manage.py load_words``."""

    list_display = ["text", "action", "note", "added_at"]
    list_filter = ["action"]
    search_fields = ["text", "note"]
    list_per_page = 100
    show_full_result_count = False

from django.contrib import admin

from ..models import Topic
from .used import KnowsWhereUsed


@admin.register(Topic)
class TopicAdmin(KnowsWhereUsed, admin.ModelAdmin):
    list_display = ["name", "description", "tone", "position", "where_used"]
    list_editable = ["position"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

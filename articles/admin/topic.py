from django.contrib import admin

from advocacy_site.typed_text import TYPED

from ..models import Topic
from .used import KnowsWhereUsed


@admin.register(Topic)
class TopicAdmin(KnowsWhereUsed, admin.ModelAdmin):
    formfield_overrides = TYPED
    list_display = ["name", "description", "tone", "position", "where_used"]
    list_editable = ["position"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

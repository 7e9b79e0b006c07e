from django.contrib import admin

from advocacy_site.typed_text import TYPED

from ..models import Contributor
from .used import KnowsWhereUsed


@admin.register(Contributor)
class ContributorAdmin(KnowsWhereUsed, admin.ModelAdmin):
    formfield_overrides = TYPED
    list_display = ["name", "relation", "kind", "is_fictional", "where_used"]
    list_filter = ["kind", "is_fictional"]
    search_fields = ["name"]
    raw_id_fields = ["member"]
    prepopulated_fields = {"slug": ["name"]}

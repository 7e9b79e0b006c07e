from django.contrib import admin

from ..models import Contributor


@admin.register(Contributor)
class ContributorAdmin(admin.ModelAdmin):
    list_display = ["name", "relation", "kind", "is_fictional"]
    list_filter = ["kind", "is_fictional"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

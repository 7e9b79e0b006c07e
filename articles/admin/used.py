"""What is used is not deleted: its page says where it is used instead."""

from django.contrib.admin.options import ActionLocation
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from ..where_used import SHOWN, articles_using


class KnowsWhereUsed:
    """For the admin of a picture, topic or contributor. Put it before ModelAdmin."""

    def articles_using(self, thing):
        return articles_using(thing)

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_used"
        used = self.admin_site.admin_view(self.used_view)
        return [path("<path:object_id>/used/", used, name=name), *super().get_urls()]

    def get_actions(self, request, action_location=ActionLocation.CHANGE_LIST):
        """Deleting goes one by one, past the page that says where each is used."""
        actions = super().get_actions(request, action_location=action_location)
        actions.pop("delete_selected", None)
        return actions

    def used_view(self, request, object_id, title="Where used"):
        """Staff who may see the thing itself."""
        thing = self.get_object(request, object_id)
        if not self.has_view_permission(request, thing):
            raise PermissionDenied
        if thing is None:
            raise Http404
        found = list(self.articles_using(thing)[: SHOWN + 1])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{title}: {thing}",
            "thing": thing,
            "articles": found[:SHOWN],
            "and_more": len(found) > SHOWN,
            "wants_to_delete": title != "Where used",
            "back": reverse(
                f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[thing.pk]
            ),
        }
        return TemplateResponse(request, "admin/articles/used.html", context)

    def delete_view(self, request, object_id, extra_context=None):
        thing = self.get_object(request, object_id)
        may = thing is not None and self.has_delete_permission(request, thing)
        if may and self.articles_using(thing).exists():
            return self.used_view(request, object_id, title="Still in use")
        return super().delete_view(request, object_id, extra_context)

    def where_used(self, thing):
        if thing is None or not thing.pk:
            return "-"
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_used"
        return format_html('<a href="{}">Where used</a>', reverse(name, args=[thing.pk]))

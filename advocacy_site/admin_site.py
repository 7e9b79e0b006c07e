"""Django admin under this site's name and its content security policy."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.utils.decorators import method_decorator
from django.views.decorators.csp import csp_override

from .content_security import ADMIN_POLICY


class HarborAdminSite(admin.AdminSite):
    site_header = "Harbor: the editors' desk"
    site_title = "Harbor admin"
    index_title = "What would you like to work on?"

    def each_context(self, request):
        """Moderators have a desk of their own; what editors call theirs would puzzle them."""
        context = super().each_context(request)
        user = request.user
        if user.has_perm("moderation.moderate") and not user.has_module_perms("articles"):
            context["site_header"] = "Harbor: the moderators' desk"
        return context

    def admin_view(self, view, cacheable=False):
        return csp_override(ADMIN_POLICY)(super().admin_view(view, cacheable))

    @method_decorator(csp_override(ADMIN_POLICY))
    def login(self, request, extra_context=None):
        """In production by the site's own sign-in, which asks for the second factor."""
        if settings.STAFF_NEED_SECOND_FACTOR:
            return secure_admin_login(super().login)(request)
        return super().login(request, extra_context)

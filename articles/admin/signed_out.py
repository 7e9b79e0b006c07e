"""A form that was sent after the session ended. Without script nothing warned of it, and Django
would answer with the sign-in page and drop the words; here they are given back first."""

from functools import wraps

from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override

from advocacy_site.content_security import ADMIN_POLICY

GIVEN_BACK = ("title", "standfirst", "key_points", "body", "hero_alt", "change_note", "note")


def give_words_back(admin, view, names=GIVEN_BACK):
    """Around a writing view, ``names`` its fields: anyone signed out who posts gets her own words
    as text to copy."""

    @never_cache
    @csp_override(ADMIN_POLICY)
    def or_signed_out(request, *args, **kwargs):
        words = words_sent(request, names)
        if not words:
            return view(request, *args, **kwargs)
        context = {"title": "You are signed out", "words": words, "site_title": admin.site_title}
        return TemplateResponse(request, "admin/articles/signed_out.html", context, status=403)

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.method == "POST" and not request.user.is_authenticated:
            return or_signed_out(request, *args, **kwargs)
        return view(request, *args, **kwargs)

    return guarded


def words_sent(request, names) -> list[tuple[str, str]]:
    """(label, text) of each of these fields that was not left empty."""
    return [
        (name.replace("_", " ").capitalize(), request.POST[name])
        for name in names
        if request.POST.get(name, "").strip()
    ]

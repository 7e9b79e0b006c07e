from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from advocacy_site.same_origin import public_form

from .. import reading
from ..doors import safe_next
from ..forms import ReadingForm
from .signing_in import get_or_post, posted


@never_cache
@get_or_post
@public_form
def reading_settings(request):
    """Open to everyone: how pages look. Saved only by the button."""
    current = reading.of_request(request)
    form = ReadingForm(posted(request), initial=vars(current))
    if form.is_bound and form.is_valid():
        response = redirect(safe_next(request) or f"{request.path}?saved")
        reading.save(request, response, reading.Reading(**form.cleaned_data))
        return response
    return render(
        request,
        "members/reading.html",
        {"form": form, "saved": "saved" in request.GET, "next": safe_next(request)},
    )

"""The pages people see when something is not there, not allowed, or broken."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error

# Set in the environ of a request that could not be answered because the database is away.
GONE = "harbor.database_gone"
READ_ONLY = "25006"  # Postgres's code: a copy that follows another, or an operator at work


@requires_csrf_token
def csrf_failure(request, reason=""):
    """A form whose token did not match: say what to do, and give back what was typed: loading
    the page again may empty the form."""
    context = {"words": words_of_form(request)}
    response = render(request, "403_csrf.html", context, status=403)
    add_never_cache_headers(response)
    return response


def words_for_refusals(get_response):
    """Django refuses a GET where only a press does anything with an empty page; people come back
    there by reloading, or after signing in."""

    def answered(request):
        response = get_response(request)
        is_bare = response.status_code == 405 and not response.streaming and not response.content
        if not is_bare or request.method not in {"GET", "HEAD"}:
            return response
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = response.headers.get("Allow", "POST")
        add_never_cache_headers(page)
        return page

    return answered


def broken(request):
    """The last page of all. Where the database is away, it says so, keeps the words of a form,
    and is told apart from a fault of ours: nothing was lost, and it ends by itself."""
    error = sys.exc_info()[1]
    if not is_without_database(error):
        return server_error(request)
    request.META[GONE] = True
    words = words_of_form(request) if request.method == "POST" else []
    page = loader.render_to_string("503.html", {"words": words})
    response = HttpResponse(page, status=503)
    response.headers["Retry-After"] = "5"
    add_never_cache_headers(response)
    return response


def is_without_database(error) -> bool:
    """The connection is gone or was never made, or nothing can be written; not a wrong query, a
    lock or a time limit."""
    code = getattr(error.__cause__, "pgcode", None) or ""
    if code == READ_ONLY:
        return True
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    return code == "" or code.startswith(("08", "53", "57P"))


# Long enough to be worth keeping, and never what opens an account.
SHORTEST_WORDS = 2
SECRET_FIELDS = ("csrf", "password", "code", "token", "stamp", "next", "form_id")


def words_of_form(request) -> list[str]:
    """What a person typed, to be shown back to them; nothing is kept on this side."""
    try:
        fields = request.POST.lists()
    except Exception:  # the body could not be read: there is nothing to give back
        return []
    return [
        value
        for name, values in fields
        if not any(secret in name for secret in SECRET_FIELDS)
        for value in values
        if len(value) >= SHORTEST_WORDS
    ][:20]


def gone(request, *, title: str, reason: str):
    """An address that was withdrawn on purpose: 410, with a line on why."""
    return render(request, "410.html", {"gone_title": title, "reason": reason}, status=410)

"""What to answer when a link of ours cannot do what it was made for."""

from functools import wraps

from django.shortcuts import render
from django.views.decorators.cache import never_cache

from .. import tokens
from ..models import Subscriber


def private(view):
    """A page behind a link in a mail: never kept by a cache, never indexed. (The site's own
    "same-origin" already keeps the link from other sites; "no-referrer" would make browsers
    send "Origin: null" with the buttons, which is refused.) A link that is not ours, or too
    old, gets a page that says so, without a guess."""

    @wraps(view)
    def answered(request, token, **kwargs):
        try:
            response = view(request, token, **kwargs)
        except tokens.OldToken:
            response = not_here(request, "old", status=410)
        except tokens.GoneToken:
            response = not_here(request, "gone", status=410)
        except tokens.BadToken:
            response = not_here(request, "bad", status=404)
        except Subscriber.DoesNotExist:  # deleted while this page was asked for
            response = not_here(request, "gone", status=410)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return never_cache(answered)


def not_here(request, why: str, *, status: int):
    """``why``: "old", "bad", or "gone" for someone whose details are deleted."""
    return render(request, "newsletter/link.html", {"why": why}, status=status)

"""A poll as a panel: the same part stands on a page and answers a form in place."""

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import trigger_client_event

from .models import Poll
from .results import LEAST_VOTERS, results_of

# What a page may be asked to say by ?done=, so that no one else can put words on it.
DONE = {
    "skip": "You chose not to say. Nothing was counted.",
    "taken-back": "Your vote is taken back.",
    "nothing": "There is no vote from this device in this poll. Nothing was changed.",
}


@dataclass
class Panel:
    """``mine``: the positions this reader chose. ``show``: "form" or "results".

    ``said`` is the sentence in the strip above, ``error`` the one beside the form, ``back``
    the page the reader came from, ``wanted`` the keys of choices to keep ticked.
    ``level`` is 2 on pages of articles; on the poll's own page its question is the h1.
    """

    poll: Poll
    mine: tuple[int, ...] = ()
    show: str = ""
    said: str = ""
    error: str = ""
    back: str = ""
    wanted: tuple[str, ...] = ()
    has_heading: bool = True
    with_styles: bool = True

    def __post_init__(self):
        if not self.show:
            self.show = "form" if self.poll.is_open and not self.mine else "results"

    @property
    def results(self):
        return results_of(self.poll, self.mine)

    @property
    def ticked(self) -> set[int]:
        """Primary keys: what was just sent with a mistake, else the vote to be changed."""
        if self.wanted:
            return {int(key) for key in self.wanted if key.isascii() and key.isdigit()}
        return {c.pk for c in self.poll.choice_list if c.position in self.mine}


def render_panel(request, panel: Panel) -> str:
    return render_to_string("polls/_poll.html", context_of(request, panel), request)


def context_of(request, panel: Panel) -> dict:
    # On the poll's own page the question is the h1 already, also after a press in place.
    if request.htmx and (request.htmx.current_url_abs_path or "").startswith(
        panel.poll.get_absolute_url()
    ):
        panel.has_heading = False
    return {
        "panel": panel,
        "poll": panel.poll,
        "results": panel.results if panel.show == "results" else None,
        "least_voters": LEAST_VOTERS,
        "here": panel.back or f"{request.path}#poll-{panel.poll.slug}",
        # A page for readers without a session holds no token; see advocacy_site.same_origin.
        "needs_token": settings.SESSION_COOKIE_NAME in request.COOKIES,
    }


def announce(response, words: str):
    """Say it in the page's status region (static/js/enhance.js)."""
    return trigger_client_event(response, "announce", {"value": words})


def way_back(request) -> str:
    """The page of this site that a form stood on, or nothing."""
    to = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(to, {request.get_host()}, request.is_secure())
    odd = len(to) > 300 or any(ord(c) < 32 or 0xD800 <= ord(c) <= 0xDFFF for c in to)
    # A poll's own pages lead back by their trail.
    if not safe or odd or not to.startswith("/") or to.startswith(reverse("polls:list")):
        return ""
    return to

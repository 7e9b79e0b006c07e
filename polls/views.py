"""The pages and deeds of polls. All are open to everyone; drafts only to editors."""

from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from advocacy_site.client_address import client_address
from advocacy_site.ratelimits import allow, minutes, too_many
from advocacy_site.reader_cache import reader_page
from advocacy_site.same_origin import public_form
from articles.due import read_up_to_date

from . import voting
from .archive import page_of
from .models import Poll
from .panels import DONE, Panel, announce, context_of, render_panel, way_back
from .placing import PagePolls, articles_with, one_poll, poll_to_vote_in
from .share_picture import draw_share_picture
from .voters import (
    ForgedCookie,
    give_guest_cookie,
    is_signed_in,
    known_voter,
    take_guest_cookie,
    voter_of,
)

# A clinic, a ward or a conference shares one address: one vote every two seconds, all day.
# A script behind one address gets no further.
VOTES_FROM_ONE_ADDRESS, WINDOW = 300, minutes(10)

NO_COOKIE = (
    "Your browser did not keep the cookie that holds one vote for each person, so this vote "
    "is not counted. Allow cookies for this site, then vote again."
)
ODD_COOKIE = (
    "Your browser sent a voting cookie that this site did not write. It is removed now, and "
    "nothing was counted. Vote again."
)


@reader_page
@require_safe
def poll_list(request):
    """Open to everyone."""
    page = page_of(Poll.objects.visible(), request.GET.get("before", ""), request.path)
    featured = None if page.newer else PagePolls().featured
    panel = featured and Panel(featured, own_choices(request, featured))
    return render(
        request,
        "polls/list.html",
        {
            **vars(page),
            "open": [poll for poll in page.polls if poll.is_open],
            "closed": [poll for poll in page.polls if poll.is_closed],
            "panel_html": panel and render_panel(request, panel),
        },
    )


@reader_page
@require_safe
def poll(request, slug):
    """Open to everyone once it opens; before that a preview for editors. The same for every
    reader without a session who has not voted on this device."""
    poll = find(request, slug)
    mine = own_choices(request, poll)
    return page(request, Panel(poll, mine, show="" if poll.is_visible else "form"))


@require_safe
@never_cache
def results(request, slug):
    """Open to everyone, with this reader's own vote if their cookie tells whose it is."""
    poll = find(request, slug)
    panel = Panel(poll, own_choices(request, poll), "results", back=way_back(request))
    if not panel.mine:  # an address cannot say of a vote that it is gone
        panel.said = DONE.get(request.GET.get("done", ""), "")
    return answer(request, panel)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@public_form
@sensitive_post_parameters("choice")
@sensitive_variables()
def vote(request, slug):
    """Open to everyone. GET shows the form, for those who change their vote; POST counts."""
    if request.method != "POST":
        poll = find(request, slug)
        panel = Panel(poll, own_choices(request, poll), form_or_results(poll))
        panel.back = way_back(request)
        return answer(request, panel)
    poll = find(request, slug, poll_to_vote_in)
    sent = request.POST.getlist("choice")
    try:
        if poll.is_closed:
            raise voting.NotCounted(voting.CLOSED)
        if request.POST.get("wording", str(poll.wording)) != str(poll.wording):
            sent = []  # what was ticked had other words
            raise voting.NotCounted(voting.REWORDED)
        positions = voting.read_choices(poll, poll.choice_list, sent)
        voter = voter_of(request)
        if positions and voter is None:
            return first_ask_for_a_cookie(request, poll)
        if not allow("vote", client_address(request), to=VOTES_FROM_ONE_ADDRESS, per=WINDOW):
            return too_many(request, WINDOW)
        if positions:
            voting.cast(poll, voter, positions, poll.wording)
        elif voter:
            voting.take_back(poll, voter)
    except ForgedCookie:
        return refuse_cookie(request, slug, sent)
    except voting.NotCounted as sentence:
        return refuse(request, slug, str(sentence), sent)
    return done(request, slug, "" if positions else "skip")


@require_POST
@never_cache
@public_form
def take_back(request, slug):
    """Open to everyone; only one's own vote can be taken back."""
    poll = find(request, slug, poll_to_vote_in)
    if not allow("vote", client_address(request), to=VOTES_FROM_ONE_ADDRESS, per=WINDOW):
        return too_many(request, WINDOW)
    try:
        voter = voter_of(request)
        is_gone = voter is not None and voting.take_back(poll, voter)
    except ForgedCookie:
        return refuse_cookie(request, slug)
    except voting.NotCounted as sentence:
        return refuse(request, slug, str(sentence))
    return done(request, slug, "taken-back" if is_gone else "nothing")


@require_safe
def picture(request, slug):
    """Open to everyone: what other sites show beside a link to a poll."""
    poll = find(request, slug)
    response = HttpResponse(draw_share_picture(poll), content_type="image/png")
    # What only an editor may see is kept by nobody else.
    response.headers["Cache-Control"] = (
        "public, max-age=86400" if poll.is_visible else "private, no-store"
    )
    # Other sites show it on their pages.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def find(request, slug, ask=one_poll):
    """What this person may see; a draft is there for editors only."""
    poll = ask(slug)
    if poll is None or not (poll.is_visible or may_preview(request)):
        raise Http404
    return poll


def may_preview(request) -> bool:
    return is_signed_in(request) and request.user.has_perm("polls.view_poll")


def form_or_results(poll) -> str:
    return "results" if poll.is_closed else "form"


def own_choices(request, poll) -> tuple[int, ...]:
    return tuple(voting.own_choices([poll], known_voter(request)).get(poll.pk, ()))


def first_ask_for_a_cookie(request, poll):
    """Give this browser a cookie and have it send the same form once more.

    A vote is counted only from a browser that has its number: so a press that was made
    twice by a trembling hand is one voter's, though the first press brought no cookie.
    """
    if poll.is_closed:
        raise voting.NotCounted(voting.CLOSED)
    if "asked" in request.GET:
        raise voting.NotCounted(NO_COOKIE)
    response = HttpResponseRedirect(f"{request.path}?asked=1", preserve_request=True)
    give_guest_cookie(response)
    return response


def done(request, slug, what):
    """Show the result: in place, or on a page of its own with the way back."""
    if request.htmx:
        poll = one_poll(slug)
        panel = Panel(poll, own_choices(request, poll), said=DONE.get(what, ""))
        panel.back, panel.with_styles = way_back(request), False
        if what == "skip":
            panel.show = "results"
        words = panel.said or "Your vote is counted."
        in_words = panel.results.in_words if panel.show == "results" else ""
        return announce(HttpResponse(render_panel(request, panel)), f"{words} {in_words}".strip())
    values = {k: v for k, v in (("done", what), ("next", way_back(request))) if v}
    address = reverse("polls:results", args=[slug])
    return redirect(f"{address}?{urlencode(values)}" if values else address)


def refuse(request, slug, sentence, sent=()):
    """Say what to do, with everything still ticked."""
    poll = find(request, slug)
    panel = Panel(poll, own_choices(request, poll), form_or_results(poll))
    panel.error, panel.wanted, panel.back = sentence, tuple(sent), way_back(request)
    response = answer(request, panel, status=422)
    return announce(response, sentence) if request.htmx else response


def refuse_cookie(request, slug, sent=()):
    response = refuse(request, slug, ODD_COOKIE, sent)
    take_guest_cookie(response)
    return response


def answer(request, panel, status=200):
    if not request.htmx:
        return page(request, panel, status)
    panel.with_styles = False
    # htmx puts only answers of 200 in place.
    return HttpResponse(render_panel(request, panel))


def page(request, panel, status=200):
    panel.has_heading = False
    context = context_of(request, panel)
    context["articles"] = read_up_to_date(articles_with(panel.poll)[:3], may_appear=False)
    context["more"] = Poll.objects.visible().exclude(pk=panel.poll.pk).newest_first()[:4]
    return render(request, "polls/poll.html", context, status=status)

from django.db import transaction
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from advocacy_site.same_origin import public_form

from .. import consent, tasks, tokens
from ..addresses import masked
from .links import private


def one_click(view):
    """Mail programs post here on their own (RFC 8058), some from inside a web page of theirs:
    no token, no cookie, from anywhere. The link itself is the right to stop."""
    view.from_elsewhere = True
    return csrf_exempt(view)


@one_click
@require_http_methods(["GET", "HEAD", "POST"])
@private
def stop(request, token):
    """Whoever holds the link. GET shows a button, POST stops; the second time is like the first."""
    subscriber = tokens.subscriber_by("stop", token)
    if subscriber is None:  # her details are deleted: nothing comes any more, so it is done
        return render(request, "newsletter/stop.html", {"is_stopped": True, "is_gone": True})
    if request.method == "POST":
        with transaction.atomic():
            if consent.stop(subscriber, page="/emails/stop/"):
                tasks.write_to.enqueue(subscriber.pk, "tell_that_it_stopped")
        subscriber.refresh_from_db()
    return render(
        request,
        "newsletter/stop.html",
        {
            "is_stopped": subscriber.is_stopped or subscriber.confirmed_at is None,
            "may_start": subscriber.stopped_at and not subscriber.died_at,
            "address": masked(subscriber.email),
            "settings_token": tokens.settings_token(subscriber),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@private
@public_form
def back(request, token):
    """Whoever holds the link of our goodbye. The button lets her sign up again, nothing more."""
    suppression = tokens.suppression_by(token)
    if request.method == "POST" and suppression is not None:
        suppression.delete()
        suppression = None
    return render(request, "newsletter/back.html", {"is_lifted": suppression is None})

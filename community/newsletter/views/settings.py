"""The settings page and the deeds behind it. Whoever holds the signed link may do them."""

import json
import logging

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from advocacy_site.same_origin import public_form

from .. import consent, notices, tasks, tokens
from ..addresses import masked
from ..forms import SettingsForm
from ..models.subscriber import Choice
from .links import not_here, private

log = logging.getLogger(__name__)


def for_subscriber(view):
    """Find whom the link names; say so where her details are deleted."""

    @private
    @public_form
    def found(request, token):
        subscriber = tokens.subscriber_by("settings", token)
        if subscriber is None or subscriber.confirmed_at is None:
            return not_here(request, "gone", status=410)
        return view(request, subscriber)

    return found


def to_settings(subscriber, done: str):
    """Back to the page, which says what was done. ``done`` is a word of the template."""
    response = redirect("newsletter:settings", tokens.settings_token(subscriber))
    response["Location"] += f"?done={done}"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@for_subscriber
def settings_page(request, subscriber):
    form = SettingsForm(request.POST or None, instance=subscriber)
    if request.method == "POST" and form.is_valid():
        consent.change(subscriber, page="/emails/settings/", **form.cleaned_data)
        return to_settings(subscriber, "saved")
    return render_settings(request, subscriber, form)


def render_settings(request, subscriber, form):
    done = request.GET.get("done", "")
    return render(
        request,
        "newsletter/settings.html",
        {
            "form": form,
            "subscriber": subscriber,
            "address": masked(subscriber.email),
            "token": tokens.settings_token(subscriber),
            "stop_token": tokens.stop_token(subscriber),
            "pauses": [(value, label) for value, (label, _) in consent.PAUSES.items()],
            "records": subscriber.records.select_related(
                "wording__policy", "privacy_policy__policy"
            ),
            "done": done if done in {"saved", "paused", "resumed", "started"} else "",
        },
    )


@require_POST
@for_subscriber
def pause(request, subscriber):
    how_long = request.POST.get("how_long", "")
    if how_long not in consent.PAUSES:
        return to_settings(subscriber, "")
    consent.pause(subscriber, how_long)
    return to_settings(subscriber, "paused")


@require_POST
@for_subscriber
def resume(request, subscriber):
    consent.resume(subscriber)
    return to_settings(subscriber, "resumed")


@require_POST
@for_subscriber
def start_again(request, subscriber):
    with transaction.atomic():
        if consent.start_again(subscriber, page="/emails/settings/"):
            tasks.write_to.enqueue(subscriber.pk, "tell_that_it_started")
    return to_settings(subscriber, "started")


@require_http_methods(["GET", "HEAD", "POST"])
@for_subscriber
def delete(request, subscriber):
    if request.method == "POST":
        email = subscriber.email
        suppression = consent.erase(subscriber)
        if suppression is not None:
            goodbye(email, suppression)
        return render(request, "newsletter/deleted.html")
    return render(request, "newsletter/delete.html", context_of(subscriber))


def goodbye(email, suppression):
    """At once and not by a task: a task would keep the address that is just deleted."""
    try:
        notices.say_goodbye(email, suppression)
    except OSError:
        log.warning("A goodbye could not be sent; the details are deleted all the same.")


@require_http_methods(["GET", "HEAD", "POST"])
@for_subscriber
def died(request, subscriber):
    if request.method == "POST":
        with transaction.atomic():
            if consent.note_death(subscriber, page="/emails/settings/"):
                tasks.write_to.enqueue(subscriber.pk, "tell_a_person_of_a_death")
        return render(request, "newsletter/died_thanks.html")
    return render(request, "newsletter/died.html", context_of(subscriber))


@require_safe
@for_subscriber
def record(request, subscriber):
    """Everything we hold about her, for her to keep."""
    held = {
        "email": subscriber.email,
        "what you get": [Choice(choice).label for choice in subscriber.choices],
        "how often": subscriber.get_how_often_display(),
        "topics left out": [topic.name for topic in subscriber.topics_left_out.all()],
        "discreet subjects": subscriber.is_discreet,
        "plain text only": subscriber.text_only,
        "asked at": subscriber.asked_at,
        "confirmed at": subscriber.confirmed_at,
        "paused since": subscriber.paused_at,
        "paused until": subscriber.paused_until,
        "stopped at": subscriber.stopped_at,
        "mail came back": subscriber.get_returned_display(),
        "mail came back because": subscriber.return_note,
        "letters sent": [
            {"letter": delivery.issue.subject, "at": delivery.done_at}
            for delivery in subscriber.deliveries.filter(state="sent").select_related("issue")
        ],
        "consent record": [
            {
                "what": record.get_deed_display(),
                "at": record.at,
                "words shown": record.words,
                "version of the words": record.wording and record.wording.number,
                "privacy policy version": record.privacy_policy and record.privacy_policy.number,
                "page": record.page,
                "choices": record.choice_labels,
            }
            for record in subscriber.records.select_related("wording", "privacy_policy")
        ],
    }
    text = json.dumps(held, indent=2, ensure_ascii=False, default=lambda at: at.isoformat())
    return HttpResponse(
        text + "\n",
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="my-email-record.json"'},
    )


def context_of(subscriber):
    return {
        "address": masked(subscriber.email),
        "token": tokens.settings_token(subscriber),
        "stop_token": tokens.stop_token(subscriber),
    }

"""The settings page and the deeds behind it. Whoever holds the signed link may do them."""

import json
import logging
from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from advocacy_site.same_origin import public_form
from community.members.mailing import may_mail

from .. import consent, notices, personal_data, tasks, tokens
from ..addresses import masked
from ..forms import SettingsForm
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


# What the page says after a deed, for so long: a reload tomorrow must not say it again.
DONE = {
    "saved": "Your choices are saved.",
    "none": "Your choices are saved. You get no emails now. Tick one when you want them again.",
    "kept": "Your choices are saved. They count when emails come again.",
    "paused": "Emails are paused.",
    "resumed": "Emails come again.",
    "started": "You get our emails again.",
    "started-none": "You took the stop back. You get no emails until you tick one below.",
    "started-paused": "You took the stop back. Emails are still paused.",
}
SAID_FOR = timedelta(minutes=1)


def to_settings(subscriber, done: str):
    """Back to the page, which says what was done: a word of DONE, or nothing."""
    response = redirect("newsletter:settings", tokens.settings_token(subscriber))
    if done in DONE:
        response["Location"] += f"?done={tokens.signer('done', TimestampSigner).sign(done)}"
    return response


def what_was_done(request) -> str:
    try:
        signed = request.GET.get("done", "")
        return DONE[tokens.signer("done", TimestampSigner).unsign(signed, max_age=SAID_FOR)]
    except (BadSignature, KeyError):
        return ""


@require_http_methods(["GET", "HEAD", "POST"])
@for_subscriber
def settings_page(request, subscriber):
    form = SettingsForm(request.POST or None, instance=subscriber)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        with transaction.atomic():
            changed = consent.change(subscriber, page="/emails/settings/", **chosen)
            if changed and not chosen["choices"]:
                tasks.write_to.enqueue(subscriber.pk, "tell_that_it_stopped")
        return to_settings(subscriber, saved(subscriber, chosen["choices"]))
    return render_settings(request, subscriber, form)


def saved(subscriber, chosen: list[str]) -> str:
    """The word of DONE that is true: a tick alone brings nothing back to whoever stopped."""
    if subscriber.is_stopped or (chosen and subscriber.is_paused):
        return "kept"
    return "saved" if chosen else "none"


def started(subscriber) -> str:
    if not subscriber.choices:
        return "started-none"
    return "started-paused" if subscriber.is_paused else "started"


def render_settings(request, subscriber, form):
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
            "help_email": help_email(),
            "done": what_was_done(request),
        },
    )


@require_POST
@for_subscriber
def pause(request, subscriber):
    how_long = request.POST.get("how_long", "")
    if how_long not in consent.PAUSES:
        return to_settings(subscriber, "")
    was_paused = subscriber.is_paused
    with transaction.atomic():
        if consent.pause(subscriber, how_long) and how_long == "until-back" and not was_paused:
            tasks.write_to.enqueue(subscriber.pk, "tell_that_it_paused")
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
        # "I am here" of someone reported dead is pressed by whoever holds a link in her mail.
        is_mistake = consent.undo_death(subscriber, page="/emails/settings/")
        if is_mistake or consent.start_again(subscriber, page="/emails/settings/"):
            tasks.write_to.enqueue(subscriber.pk, "tell_that_it_started")
    subscriber.refresh_from_db()
    return to_settings(subscriber, started(subscriber))


@require_http_methods(["GET", "HEAD", "POST"])
@for_subscriber
def delete(request, subscriber):
    if request.method == "POST":
        email = subscriber.email
        suppression = consent.erase(subscriber)
        says_goodbye = suppression is not None and not subscriber.died_at and may_mail(email)
        if says_goodbye:
            goodbye(email, suppression)
        return render(request, "newsletter/deleted.html", {"says_goodbye": says_goodbye})
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
        # Whatever she wrote, however long: the stop does not wait for a form to be right.
        words = one_line(request.POST.get("words", ""), 500)
        how_to_reach = one_line(request.POST.get("how_to_reach", ""), 200)
        with transaction.atomic():
            if consent.note_death(
                subscriber, page="/emails/settings/", words=words, how_to_reach=how_to_reach
            ):
                tasks.write_to.enqueue(subscriber.pk, "tell_a_person_of_a_death")
        return render(request, "newsletter/died_thanks.html", {"help_email": help_email()})
    return render(request, "newsletter/died.html", context_of(subscriber))


def one_line(words: str, most: int) -> str:
    """What Postgres and a mail can hold of it."""
    words = words.replace("\0", "").encode(errors="ignore").decode()
    return " ".join(words.split())[:most]


def help_email() -> str:
    return settings.REPLY_TO_EMAIL


@require_safe
@for_subscriber
def record(request, subscriber):
    """Everything we hold about her, for her to keep."""
    # Whoever holds the link may be here, not only she: the address stays masked.
    held = personal_data.held_about(subscriber, address=masked(subscriber.email))
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

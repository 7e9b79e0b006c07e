from django.db import transaction
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from advocacy_site.client_address import client_address
from advocacy_site.ratelimits import allow, minutes, rate_limit, too_many
from advocacy_site.same_origin import public_form

from .. import consent, notices, tasks, tokens
from ..addresses import masked, shown
from ..forms import SignupForm, stamp
from ..models.subscriber import Choice
from ..wording import wording_in_force
from .links import private

TITLES = {"form": "Get emails", "question": "Is this your address?", "sent": "Check your email"}
# A ward or a library shares one address; a program would need thousands.
# Mistakes and questions do not count as sign-ups.
SIGNUPS, POSTS, SIGNUPS_PER = 12, 120, minutes(10)


@require_http_methods(["GET", "HEAD", "POST"])
@public_form
@rate_limit("newsletter-signup-posts", to=POSTS, per=SIGNUPS_PER)
def signup(request):
    """Open to everyone. The answer is the same whether or not the address is known."""
    form = SignupForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return answer(request, "form", form)
    if form.is_from_a_program:
        return answer(request, "sent", form, address=request.POST.get("email", "")[:254])
    if not form.is_valid():
        return answer(request, "form", form)
    if form.meant:
        return answer(request, "question", form)
    if not allow("newsletter-signup", client_address(request), to=SIGNUPS, per=SIGNUPS_PER):
        return too_many(request, SIGNUPS_PER)
    take(form)
    return answer(request, "sent", form, address=shown(form.typed))


def take(form: SignupForm) -> None:
    """The record and the task that writes to her: both or neither."""
    if not notices.may_be_asked_for(form.cleaned_data["email"]):
        return
    with transaction.atomic():
        record = consent.ask(
            form.cleaned_data["email"],
            form.cleaned_data["choices"],
            words=form.wording.body,
            wording=form.wording,
            page=form.page,
        )
        if record is not None:
            tasks.answer_signup.enqueue(record.pk)


def answer(request, step: str, form: SignupForm, **context):
    """The page, or for htmx the panel alone, at one of three steps."""
    wording = wording_in_force()
    page = form.page or request.path
    context |= {
        "step": step,
        "again": "again" in form.data,
        "form": form,
        "wording": wording,
        # Kept through questions and mistakes: she read the words once and is not too fast twice.
        "stamp": form.data["stamp"] if form.has_good_stamp else stamp(page) if wording else "",
        "choices": Choice,
        "chosen": form.data.getlist("choices") if form.is_bound else [],
        "page_title": f"Error: {TITLES[step]}" if form.errors else TITLES[step],
        "is_own_page": (request.htmx.current_url_abs_path or "").startswith("/emails/"),
    }
    template = "newsletter/_answer.html" if request.htmx else "newsletter/signup.html"
    response = render(request, template, context)
    if request.htmx:
        response.headers["Vary"] = "HX-Request"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@private
@public_form
def confirm(request, token):
    """Whoever holds the link. Opening it changes nothing; the button does."""
    record = tokens.record_to_confirm(token)
    subscriber = record.subscriber
    if request.method == "POST":
        with transaction.atomic():
            if consent.confirm(record, page=request.path.replace(token, "…")):
                tasks.write_to.enqueue(subscriber.pk, "welcome")
        subscriber.refresh_from_db()
    return render(
        request,
        "newsletter/confirm.html",
        {
            "is_confirmed": consent.is_confirmed_by(record, subscriber),
            "is_stopped": subscriber.is_stopped,
            "address": masked(subscriber.email),
            "choices": [Choice(choice) for choice in record.choices],
            # What pressing the button puts on record was shown beside it.
            "wording": record.wording,
            "settings_token": tokens.settings_token(subscriber),
        },
    )

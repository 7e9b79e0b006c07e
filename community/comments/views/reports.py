"""Telling the moderators about a comment or a member. Open to everyone, no account needed."""

from django import forms
from django.core import signing
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from advocacy_site.client_address import client_address
from advocacy_site.ratelimits import allow, hours, too_many
from advocacy_site.same_origin import public_form
from community.members.models import Member

from .. import reports as keeping
from ..listing import A_PAGE
from ..models import Report
from ..models.report import MOST_WORDS
from ..reading import has_session, member_of, number
from .answers import members_only, see
from .comments import readable

Reason = Report.Reason
OFFERED = [choice for choice in Reason.choices if choice[0] != Reason.LISTED]
ABOUT_A_MEMBER = {
    Reason.ADVICE: "They give medical advice or promise a cure",
    Reason.SELLING: "They sell or raise funds",
    Reason.UNKIND: "They are unkind, hateful or threatening",
    Reason.PRIVATE: "Their profile shares private details",
    Reason.SPAM: "It is spam",
}
# A worry is never turned away for what others of the same hospital reported.
MOST_AN_HOUR = 20
MOST_WORRIES_AN_HOUR = 100
FASTEST_SECONDS = 2
ONCE_MORE = "Press “Send report” once more. Your answers are all here."
_signer = signing.TimestampSigner(salt="comments:report")


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        choices=OFFERED,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what is wrong",
            "invalid_choice": "Choose one of the answers below",
        },
    )
    words = forms.CharField(
        label="Tell us more (optional)",
        help_text=f"Up to {MOST_WORDS} characters. Only moderators read it.",
        required=False,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": f"Use {MOST_WORDS} characters or fewer"},
    )
    email = forms.EmailField(
        label="Your email address (optional)",
        help_text="To hear what we decided. We forget it 30 days after that.",
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": "Enter an email address in this form: name@example.com"},
    )
    wants_mail = forms.BooleanField(label="Send me the outcome by mail (optional)", required=False)
    # Signed: when the form was made. People do not see the second one; programs fill it in.
    made = forms.CharField(required=False, widget=forms.HiddenInput)
    website = forms.CharField(required=False)

    def __init__(self, data=None, *, about_member: bool, reporter=None):
        super().__init__(data, initial={"made": _signer.sign("report")})
        if about_member:
            self.fields["reason"].choices = [
                (key, ABOUT_A_MEMBER.get(key, label)) for key, label in OFFERED
            ]
        self.fields["reason"].label = (
            "What is wrong?" if about_member else "What is wrong with this comment?"
        )
        # Whose address we know is asked whether to use it.
        self.fields.pop("wants_mail" if reporter is None else "email")

    def clean(self):
        if not self.errors and not self.was_made_for_a_person():
            self.data = self.data.copy()
            self.data["made"] = self.initial["made"]
            raise forms.ValidationError(ONCE_MORE)
        return self.cleaned_data

    def was_made_for_a_person(self) -> bool:
        try:
            _signer.unsign(self.cleaned_data["made"])
            made_at = signing.b62_decode(self.cleaned_data["made"].rsplit(":", 2)[1])
        except (signing.BadSignature, ValueError, IndexError):
            return False
        return timezone.now().timestamp() - made_at >= FASTEST_SECONDS


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@public_form
def report(request, pk):
    """Open to everyone who may read the comment, also where the conversation is closed."""
    comment = readable(pk, member_of(request))
    return receive(request, {"comment": comment}, comment=comment)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@public_form
def report_member(request, handle):
    """Open to everyone. Profiles are for members: a guest is told nothing of one, not even
    whether it is there, and the answer is the same.
    """
    reader = member_of(request)
    member = Member.objects.shown().filter(handle=handle).first()
    if reader is not None and (member is None or member == reader):
        raise Http404
    shown = member if reader is not None else None
    return receive(request, {"about": shown, "handle": handle}, member=member)


def receive(request, context, **about):
    reporter = member_of(request)
    data = request.POST if request.method == "POST" else None
    form = ReportForm(data, about_member="member" in about, reporter=reporter)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        if not may_report(request, reporter, given["reason"]):
            return too_many(request, hours(1))
        if any(about.values()) and not given["website"]:
            keeping.report(
                **about,
                reason=given["reason"],
                words=given["words"],
                reporter=reporter,
                email=given.get("email", ""),
                wants_mail=given.get("wants_mail", False),
                where=client_address(request),
            )
        help_first = "?help=1" if given["reason"] == Reason.WORRIED else ""
        return see(reverse("comments:reported") + help_first)
    context |= {"form": form, "has_session": has_session(request), "member": reporter}
    return render(request, "community/comments/report.html", context)


def may_report(request, reporter, reason: str) -> bool:
    """Told apart by reason: nothing but worries uses up the limit of worries."""
    who = f"member-{reporter.pk}" if reporter else client_address(request)
    if reason == Reason.WORRIED:
        return allow("report-worried", who, to=MOST_WORRIES_AN_HOUR, per=hours(1))
    return allow("report", who, to=MOST_AN_HOUR, per=hours(1))


@require_safe
def reported(request):
    """Open to everyone: what happens now. The help card comes first where somebody worries."""
    return render(request, "community/comments/reported.html", {"help": "help" in request.GET})


@require_safe
@members_only
def my_reports(request):
    """Members: what I reported, and what came of it."""
    found = Report.objects.filter(reporter=request.user).select_related("member").order_by("-pk")
    if before := number(request.GET.get("before")):
        found = found.filter(pk__lt=before)
    found = list(found[: A_PAGE + 1])
    context = {"reports": found[:A_PAGE], "older": found[A_PAGE - 1].pk if found[A_PAGE:] else None}
    return render(request, "community/comments/my_reports.html", context)

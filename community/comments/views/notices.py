from zoneinfo import available_timezones

from django import forms
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from advocacy_site.same_origin import public_form
from articles.due import read_up_to_date

from .. import following
from ..listing import A_PAGE
from ..models import Comment, NoticeSettings
from ..notices import mark_read, notices_of, read_mute_token
from ..reading import number
from .answers import members_only, see

HOURS = [(hour, f"{hour % 12 or 12} {'am' if hour < 12 else 'pm'}") for hour in range(24)]
# The members' own zones first; every other one can be had by its name.
ZONES = [
    ("America/New_York", "Eastern"),
    ("America/Chicago", "Central"),
    ("America/Denver", "Mountain"),
    ("America/Phoenix", "Arizona"),
    ("America/Los_Angeles", "Pacific"),
    ("America/Anchorage", "Alaska"),
    ("Pacific/Honolulu", "Hawaii"),
    *sorted((zone, zone.replace("_", " ")) for zone in available_timezones() if "/" in zone),
]


class NoticeSettingsForm(forms.ModelForm):
    quiet_from = forms.TypedChoiceField(choices=HOURS, coerce=int, label="Quiet from")
    quiet_to = forms.TypedChoiceField(choices=HOURS, coerce=int, label="Until")
    time_zone = forms.ChoiceField(choices=ZONES, label="Your time zone")

    class Meta:
        model = NoticeSettings
        fields = ["mail", "quiet_from", "quiet_to", "time_zone"]
        widgets = {"mail": forms.RadioSelect}


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def notices(request):
    """Members: what was written to me. POST: I have read it all."""
    if request.method == "POST":
        mark_read(request.user)
        return see(reverse("comments:notices"))
    found = notices_of(request.user)
    if before := number(request.GET.get("before")):
        found = found.filter(pk__lt=before)
    found = read_up_to_date(found[: A_PAGE + 1], may_appear=False)
    context = {
        "notices": found[:A_PAGE],
        "older": found[A_PAGE - 1].pk if found[A_PAGE:] else None,
        "any_unread": any(notice.read_at is None for notice in found),
    }
    return render(request, "community/comments/notices.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def notice_settings(request):
    """Members: whether and when mail comes."""
    choice = NoticeSettings.objects.filter(member=request.user).first()
    choice = choice or NoticeSettings(member=request.user)
    form = NoticeSettingsForm(request.POST or None, instance=choice)
    if request.method == "POST" and form.is_valid():
        form.save()
        return see(reverse("comments:notice-settings"), "?saved=1")
    context = {"form": form, "saved": "saved" in request.GET and request.method != "POST"}
    return render(request, "community/comments/notice_settings.html", context)


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def mute(request, token):
    """Whoever holds the link from the mail. GET shows a button; POST mutes, or undoes it."""
    read = read_mute_token(token)
    if read is None:
        raise Http404
    member_id, thread_id = read
    root = Comment.objects.filter(pk=thread_id).select_related("article").first()
    if root is None:
        raise Http404
    is_muted = None
    if request.method == "POST":
        is_muted = "undo" not in request.POST
        (following.mute if is_muted else following.unmute)(member_id, thread_id)
    article = root.article if root.article.is_published else None
    context = {"article": article, "is_muted": is_muted}
    return render(request, "community/comments/mute.html", context)

"""Signed-in browsers: told apart in rough words, listed for their owner, signed out one by one."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from .models import Member, SignedInBrowser

# In this order: Edge and Opera also call themselves Chrome, Chrome calls itself Safari.
_PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_MACHINES = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "an Android phone or tablet"),
    ("CrOS", "a Chromebook"),
    ("Macintosh", "a Mac"),
    ("Windows", "a Windows computer"),
    ("Linux", "a Linux computer"),
)


def describe(user_agent: str) -> str:
    """ "Firefox on a Mac": enough for its owner, too little to follow anyone by."""
    program = next((name for sign, name in _PROGRAMS if sign in user_agent), "A browser")
    machine = next((name for sign, name in _MACHINES if sign in user_agent), "")
    return f"{program} on {machine}" if machine else program


def record(request, member: Member) -> SignedInBrowser:
    browser, _ = SignedInBrowser.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "member": member,
            "description": describe(request.META.get("HTTP_USER_AGENT", "")),
            "signed_in_at": timezone.now(),
        },
    )
    return browser


def live_browsers(member: Member) -> list[SignedInBrowser]:
    """The browsers whose session still stands, newest first; two queries."""
    browsers = list(member.browsers.all()[:100])
    live = set(
        Session.objects.filter(
            session_key__in=[browser.session_key for browser in browsers],
            expire_date__gt=timezone.now(),
        ).values_list("session_key", flat=True)
    )
    return [browser for browser in browsers if browser.session_key in live]


def signed_out():
    """Browsers whose session is gone. A new one has an hour to write its session."""
    return SignedInBrowser.objects.filter(
        signed_in_at__lt=timezone.now() - timedelta(hours=1)
    ).exclude(session_key__in=Session.objects.values("session_key"))


def sign_out(member: Member, *, browser_id: int | None = None, but: str | None = None) -> int:
    """End one or all sessions of a member, except the session ``but``; return how many."""
    browsers = SignedInBrowser.objects.filter(member=member)
    if browser_id is not None:
        browsers = browsers.filter(pk=browser_id)
    if but:
        browsers = browsers.exclude(session_key=but)
    keys = list(browsers.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    browsers.filter(session_key__in=keys).delete()
    return len(keys)

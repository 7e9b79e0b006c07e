"""What happens whenever someone signs in or out, by whichever door (the admin's too)."""

import time

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver

from . import browsers
from .known_browsers import known_name
from .models import SignedInBrowser


@receiver(user_logged_in)
def note_sign_in(sender, request, user, **kwargs):
    """Remember the session for its owner's list, and tell of a browser we did not know."""
    from .tasks import tell_of_sign_in  # tasks need the settings

    request.session["signed_in_at"] = request.session["staff_seen"] = int(time.time())
    if not request.session.session_key:
        request.session.save()
    browser = browsers.record(request, user)
    request.browser_to_know = user.email
    if getattr(request, "is_first_sign_in", False) or known_name(request, user.email):
        return
    tell_of_sign_in.enqueue(user.pk, browser.description)


@receiver(user_logged_out)
def note_sign_out(sender, request, user, **kwargs):
    if request.session.session_key:
        SignedInBrowser.objects.filter(session_key=request.session.session_key).delete()

"""The pages people see when something is not there, not allowed, or broken."""

from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token


@requires_csrf_token
def csrf_failure(request, reason=""):
    """A form whose token did not match: say what to do, and that nothing was lost."""
    return render(request, "403_csrf.html", status=403)


def gone(request, *, title: str, reason: str):
    """An address that was withdrawn on purpose: 410, with a line on why."""
    return render(request, "410.html", {"gone_title": title, "reason": reason}, status=410)

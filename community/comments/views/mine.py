from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..listing import page_of_comments
from ..reading import number
from .answers import members_only


@require_safe
@members_only
def mine(request):
    """Members: everything I wrote, with the way back to each place."""
    page = page_of_comments(request.user, request.user, number(request.GET.get("before")))
    return render(request, "community/comments/mine.html", vars(page))

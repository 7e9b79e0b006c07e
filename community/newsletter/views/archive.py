from django.conf import settings
from django.contrib.syndication.views import Feed
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from advocacy_site.reader_cache import reader_page

from ..models import Issue
from ..writing import write_letter

ON_A_PAGE = 20


@reader_page
@require_safe
def letters(request):
    """Open to everyone: the letters that went out, newest first."""
    before = request.GET.get("before", "")
    found = Issue.objects.public().newest_first()
    if before.isascii() and before.isdigit() and len(before) < 16:
        last = Issue.objects.public().filter(pk=int(before)).first()
        found = found.older_than(last) if last else found
    found = list(found.defer("body")[: ON_A_PAGE + 1])
    older = found[ON_A_PAGE - 1].pk if len(found) > ON_A_PAGE else None
    return render(
        request, "newsletter/letters.html", {"letters": found[:ON_A_PAGE], "older": older}
    )


@reader_page
@require_safe
def letter(request, number):
    """Open to everyone: one letter, as it went to those who left nothing out."""
    issue = get_object_or_404(Issue.objects.public(), pk=number)
    return render(
        request, "newsletter/letter.html", {"issue": issue, "letter": write_letter(issue)}
    )


class LetterFeed(Feed):
    feed_type = Atom1Feed
    title = f"Letters from {settings.SITE_NAME}"
    subtitle = "The letters we sent, newest first."

    def link(self):
        return reverse("newsletter:letters")

    def items(self):
        return Issue.objects.public().newest_first()[:ON_A_PAGE]

    def item_title(self, issue):
        return issue.subject

    def item_description(self, issue):
        return issue.opening

    def item_pubdate(self, issue):
        return issue.started_at

    def item_updateddate(self, issue):
        return issue.started_at

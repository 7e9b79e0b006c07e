"""Every kind of page there is, for the tests that look at all of them."""

from io import StringIO

from django.core.management import call_command
from django.utils import timezone

from articles.models import Article
from community.comments.models import Comment
from polls.models import Poll


def load_demonstration():
    """The demonstration site, plus a withdrawn article and an earlier version of the rules."""
    from tests.factories import fill_ballots, make_article, make_policy_version

    call_command("demo_data", stdout=StringIO())
    make_article(slug="withdrawn", withdrawn=True)
    # Votes of nobody, in this test database only: pages with a split have to be looked at too.
    fill_ballots(Poll.objects.get(slug="window-or-corner"), 58, 42)
    fill_ballots(Poll.objects.get(slug="your-own-record"), 9, 5, 3)
    # A comment at an address that is known beforehand.
    comment = Comment.objects.in_public().filter(parent=None).first()
    comment.pk, comment.form_id = 9_000_000_001, None
    comment.save(force_insert=True)
    make_policy_version("rules", body="::: rules\n1. ### Be kind\n\n   Always.\n:::\n")
    assert Article.objects.published().filter(published_at__lte=timezone.now()).count() >= 8


PAGES = {
    "/": 200,
    "/articles/": 200,
    "/articles/who-is-counted/": 200,
    "/articles/palliative-care-is-not-the-end-of-the-road/": 200,
    "/articles/the-survival-number-is-not-you/": 200,
    "/articles/tired-is-not-lazy/": 200,
    "/articles/withdrawn/": 410,
    "/articles/nowhere/": 404,
    "/search/": 200,
    "/search/?q=scan": 200,
    "/search/?q=zzzz": 200,
    "/topics/": 200,
    "/topics/advocacy/": 200,
    "/contributors/dana-okafor/": 200,
    "/polls/": 200,
    "/polls/portal-or-doctor/": 200,
    "/polls/before-an-appointment/": 200,
    "/polls/before-an-appointment/vote/": 200,
    "/polls/tea-or-coffee/": 200,
    "/polls/window-or-corner/results/": 200,
    "/polls/your-own-record/results/": 200,
    "/rules/": 200,
    "/rules/versions/1/": 200,
    "/privacy/": 200,
    "/health-data/": 200,
    "/editorial-integrity/": 200,
    "/disclaimer/": 200,
    "/articles/waiting-for-the-scan-result/": 200,
    "/articles/waiting-for-the-scan-result/conversation/?order=oldest": 200,
    "/talk/": 200,
    "/comments/9000000001/report/": 200,
    "/members/marisol/report/": 200,
    "/reports/thank-you/": 200,
    "/reports/thank-you/?help=1": 200,
    "/join/": 200,
    "/sign-in/": 200,
    "/sign-in/code/": 200,
    "/sign-in/password/": 200,
    "/reading/": 200,
    "/remembering/": 200,
    "/moderation-in-numbers/": 200,
    "/remembering/tell-us/": 200,
    "/remembering/tell-us/thank-you/": 200,
    "/email-consent/": 200,
    "/emails/": 200,
    "/emails/letters/": 200,
    "/emails/confirm/not-a-link/": 404,
}

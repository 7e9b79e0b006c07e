"""What is new since the last letter, as the Markdown an editor starts from."""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from articles.due import apply_due
from articles.models import Article

from . import sending
from .models import Issue
from .models.subscriber import Choice

AT_FIRST = timedelta(days=7)
MOST_CARDS = 7
# Of pg_advisory_xact_lock, apart from the numbers of others.
ONE_AT_A_TIME = 0x1E77E5


def since_when():
    last = (
        Issue.objects.filter(kind=Choice.LETTER, about=None)
        .exclude(started_at=None)
        .order_by("-started_at")
        .first()
    )
    return last.started_at if last else timezone.now() - AT_FIRST


def whats_new() -> str:
    """Markdown with a card for each new article; empty when there is none."""
    apply_due()  # a new address may come with this minute's words
    new = Article.objects.published().filter(published_at__gt=since_when()).newest_first()
    slugs = list(new.values_list("slug", flat=True)[:MOST_CARDS])
    if not slugs:
        return ""
    return "## New this week\n\n" + "\n\n".join(f"[[article:{slug}]]" for slug in slugs) + "\n"


@transaction.atomic
def make_digest(*, send: bool = False, dry_run: bool = False) -> Issue | None:
    """Write this week's letter by itself, as a draft or to be sent now; None: nothing is new,
    or this week's is there already. Two at once wait for each other and make one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    body = whats_new()
    day = timezone.localdate()
    subject = f"New on our site, {day:%B} {day.day}"
    if not body or Issue.objects.filter(subject=subject, created_at__date=day).exists():
        return None
    issue = Issue(subject=subject, body=body)
    if dry_run:
        return issue
    issue.save()
    if send:
        sending.schedule(issue, timezone.now())
    return issue

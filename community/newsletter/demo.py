"""A demonstration letter in the archive, and one to be written. No subscriber is made up."""

from django.utils import timezone

from articles.models import Article

from .models import Issue

SUBJECT = "A demonstration letter: three things to read"


def load(say):
    if Issue.objects.filter(subject=SUBJECT).exists():
        say("Letters: there already")
        return
    slugs = Article.objects.published().newest_first().values_list("slug", flat=True)[:3]
    cards = "\n\n".join(f"[[article:{slug}]]" for slug in slugs)
    Issue.objects.create(
        subject=SUBJECT,
        discreet_subject="Your letter from Harbor",
        opening="Three things to read on a quiet morning.",
        body=f"This letter is a demonstration and went to nobody.\n\n## To read\n\n{cards}\n",
        state=Issue.State.SENT,
        started_at=timezone.now(),
        finished_at=timezone.now(),
    )
    Issue.objects.create(subject="The next letter", body=f"Hello.\n\n{cards}\n")
    say("Letters: one in the archive, one to be written")

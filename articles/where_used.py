"""Where a picture, topic, contributor or poll is used, before anyone deletes it.

Looks at the words readers see, at those in the making and at those that are scheduled.
"""

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from .models import Article, Contributor, Picture, Revision, Topic

SHOWN = 50


def articles_using(thing) -> QuerySet[Article]:
    """The articles that use this picture, topic or contributor."""
    if isinstance(thing, Picture):
        mark = f"picture:{thing.name}"
        live = Q(hero=thing) | Q(body__contains=mark)
        coming = Q(content__hero=thing.pk) | Q(content__body__icontains=mark)
    elif isinstance(thing, Topic):
        live = Q(topics=thing)
        coming = Q(content__topics__contains=[thing.pk])
    elif isinstance(thing, Contributor):
        live = Q(contributors=thing)
        coming = Q(content__contributors__contains=[thing.pk])
    else:
        raise TypeError(f"nothing is known of where a {type(thing).__name__} is used")
    return _articles(live, coming)


def articles_with_poll(slug: str) -> QuerySet[Article]:
    """The articles that hold the mark of this poll, for the app of the polls."""
    mark = f"[[poll:{slug}]]"
    return _articles(Q(body__contains=mark), Q(content__body__icontains=mark))


def _articles(live: Q, coming: Q) -> QuerySet[Article]:
    """Of the revisions, only those that differ from the row are read, found first: a condition on
    their content would make the database read every revision there is."""
    found = Article.objects.filter(live).values("pk")
    in_the_making = Revision.objects.filter(coming, pk__in=_in_the_making())
    return (
        Article.objects.filter(Q(pk__in=found) | Q(pk__in=in_the_making.values("article")))
        .defer_texts()
        .order_by("title", "pk")
    )


def _in_the_making() -> list[int]:
    """The newest revision of each article whose readers see an older one, and the scheduled ones.
    A draft's row is its newest revision."""
    newest = Revision.objects.filter(article=OuterRef("pk"), is_aside=False).order_by("-number")
    published = Article.objects.exclude(published_at=None).order_by()
    newer = published.annotate(newest=Subquery(newest.values("pk")[:1])).exclude(
        newest=F("live_revision")
    )
    scheduled = published.exclude(next_revision=None).values_list("next_revision", flat=True)
    return [pk for pk in {*newer.values_list("newest", flat=True), *scheduled} if pk]

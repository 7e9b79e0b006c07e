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
    newest = (
        Revision.objects.filter(article=OuterRef("article"), is_aside=False)
        .order_by("-number")
        .values("number")[:1]
    )
    in_the_making = Revision.objects.filter(coming).filter(
        Q(number=Subquery(newest)) | Q(article__next_revision=F("pk"))
    )
    found = Article.objects.filter(live).values("pk")
    return (
        Article.objects.filter(Q(pk__in=found) | Q(pk__in=in_the_making.values("article")))
        .defer_texts()
        .order_by("title", "pk")
    )

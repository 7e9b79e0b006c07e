"""What to offer at the end of an article."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Case, Exists, F, Func, OuterRef, Q, Value, When

from .models import Article, ArticleTopic

SHOWN = 3


def articles_to_read_next(article: Article) -> list[Article]:
    """Those the editor chose, then the newest of the same topics, then the newest of all.

    One query; the topics of the cards are the caller's to fetch. Each of the three groups is
    bounded before they are joined, so that the cost does not grow with the magazine.
    """
    others = Article.objects.published().exclude(pk=article.pk).newest_first()
    is_chosen = Q(pk__in=article.related.order_by().values("pk"))
    is_akin = Exists(
        ArticleTopic.objects.filter(
            article=OuterRef("pk"), topic__in=article.topic_links.values("topic").order_by()
        )
    )
    chosen, akin, newest = (
        group.values("pk")[:SHOWN]
        for group in (others.filter(is_chosen), others.filter(is_akin), others)
    )
    return list(
        Article.objects.filter(Q(_among(chosen)) | Q(_among(akin)) | Q(_among(newest)))
        .defer_texts()
        .select_related("hero")
        .annotate(group=Case(When(is_chosen, Value(0)), When(is_akin, Value(1)), default=Value(2)))
        .order_by("group", "-published_at", "-pk")[:SHOWN]
    )


def _among(keys) -> Func:
    """Whether an article is one of them; asked as an array they are worked out once. As a list the
    planner, where it believes the magazine to be small, works them out again for every article:
    minutes for a few hundred.
    """
    return Func(
        F("pk"),
        ArraySubquery(keys),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )

"""What to offer at the end of an article."""

from django.db.models import Exists, IntegerField, OuterRef, Value

from .models import Article, ArticleTopic

SHOWN = 3


def articles_to_read_next(article: Article) -> list[Article]:
    """Those the editor chose, then the newest of the same topics, then the newest of all.

    Each of the three groups is bounded before they are joined, so that the cost does not
    grow with the magazine. Two queries; the topics of the cards are the caller's to fetch.
    """
    others = Article.objects.published().exclude(pk=article.pk).newest_first()
    of_same_topics = ArticleTopic.objects.filter(
        article=OuterRef("pk"), topic__in=article.topic_links.values("topic").order_by()
    )
    groups = [
        others.filter(pk__in=article.related.order_by().values("pk")),
        others.filter(Exists(of_same_topics)),
        others,
    ]
    ranked = [
        group.annotate(group=Value(rank, IntegerField())).values_list(
            "group", "published_at", "pk"
        )[:SHOWN]
        for rank, group in enumerate(groups)
    ]
    candidates = sorted(
        ranked[0].union(*ranked[1:], all=True), key=lambda c: (c[0], -c[1].timestamp())
    )
    pks = list(dict.fromkeys(pk for _, _, pk in candidates))[:SHOWN]
    cards = Article.objects.filter(pk__in=pks).select_related("hero").defer_texts()
    return sorted(cards, key=lambda card: pks.index(card.pk))

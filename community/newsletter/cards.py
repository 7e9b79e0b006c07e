"""The cards this app makes out of articles."""

from advocacy_site.cards import Card, lend
from articles.models import Article


def lend_cards() -> None:
    lend("article", article_card)
    lend("conversation", conversation_card)


def article_card(slug: str) -> Card | None:
    article = published(slug)
    if article is None:
        return None
    names = ", ".join(contributor.name for contributor in article.contributor_list)
    return Card(
        title=article.title,
        path=article.get_absolute_url(),
        text=article.standfirst,
        meta=" · ".join(part for part in (names, article.reading_time) if part),
        topics=topics_of(article),
    )


def conversation_card(slug: str) -> Card | None:
    article = published(slug)
    return article and Card(
        title=f"People are talking about: {article.title}",
        path=f"{article.get_absolute_url()}#conversation",
        action="Read what they say",
        topics=topics_of(article),
    )


def published(slug: str) -> Article | None:
    return Article.objects.published().for_cards().filter(slug=slug).first()


def topics_of(article: Article) -> frozenset[str]:
    return frozenset(topic.slug for topic in article.topic_list)

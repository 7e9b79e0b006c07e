"""The card this app makes out of articles."""

from django.utils import timezone
from django.utils.formats import date_format

from advocacy_site.cards import MOST_PICKS, Card, Pick, lend
from articles.due import find_up_to_date
from articles.models import Article


def lend_cards() -> None:
    lend("article", article_card, pick_articles)


def article_card(slug: str) -> Card | None:
    article = find_up_to_date(Article.objects.published().for_cards().filter(slug=slug))
    if article is None:
        return None
    names = ", ".join(contributor.name for contributor in article.contributor_list)
    return Card(
        title=article.title,
        path=article.get_absolute_url(),
        text=article.standfirst,
        meta=" · ".join(part for part in (names, article.reading_time) if part),
        topics=frozenset(topic.slug for topic in article.topic_list),
    )


def pick_articles(words: str) -> list[Pick]:
    found = Article.objects.published().newest_first().defer_texts()
    if words:
        found = found.filter(title__icontains=words)
    return [
        Pick(a.slug, a.title, date_format(timezone.localtime(a.published_at), "F j, Y"))
        for a in found[:MOST_PICKS]
    ]

"""The card of a conversation in a letter. It shows nobody's words: a letter is read for months,
and a comment may be gone by then."""

from django.utils import timezone
from django.utils.formats import date_format

from advocacy_site.cards import MOST_PICKS, Card, Pick, lend
from articles.due import find_up_to_date
from articles.models import Article

from .listing import latest_conversations


def lend_cards() -> None:
    lend("conversation", conversation_card, pick_conversations)


def conversation_card(slug: str) -> Card | None:
    article = find_up_to_date(Article.objects.published().for_cards().filter(slug=slug))
    return article and Card(
        title=f"People are talking about: {article.title}",
        path=f"{article.get_absolute_url()}#conversation",
        action="Read what they say",
        topics=frozenset(topic.slug for topic in article.topic_list),
    )


def pick_conversations(words: str) -> list[Pick]:
    """Of articles somebody talked about, the latest word first."""
    return [
        Pick(
            comment.article.slug,
            comment.article.title,
            f"last comment on {date_format(timezone.localtime(comment.created_at), 'F j, Y')}",
        )
        for comment in latest_conversations(MOST_PICKS, about=words)
    ]

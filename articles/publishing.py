"""Verbs of an article's life. Each is safe to repeat and tells whether anything changed."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from .models import Article, FormerSlug


class NotReady(ValueError):
    """The article is not ready for readers; the message says all that is missing."""


def missing(article: Article) -> list[str]:
    """What must be there before readers may see it, a sentence each."""
    sentences = [str(problem) for problem in article.render().problems]
    if not article.topic_links.exists():
        sentences.append("Choose at least one topic.")
    try:
        article.full_clean()
    except ValidationError as invalid:
        sentences += invalid.messages
    return sentences


@transaction.atomic
def publish(article: Article) -> bool:
    """Show it to readers from now on. Raises NotReady."""
    if article.is_published:
        return False
    article.published_at = timezone.now()
    article.withdraw_at = None
    article.withdrawal_reason = ""
    if sentences := missing(article):
        raise NotReady(" ".join(sentences))
    article.save()
    return True


def withdraw(article: Article, reason: str) -> bool:
    """Take it back. Its address answers 410 with the reason from now on."""
    if not article.is_published:
        return False
    article.withdraw_at = timezone.now()
    article.withdrawal_reason = reason
    article.save()
    return True


@transaction.atomic
def change_slug(article: Article, former: str) -> bool:
    """Remember the address it had, so that links keep working, also after it moves back."""
    if former == article.slug:
        return False
    FormerSlug.objects.filter(slug=article.slug).delete()
    FormerSlug.objects.update_or_create(slug=former, defaults={"article": article})
    return True

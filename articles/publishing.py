"""Verbs of an article's life. Each is safe to repeat and tells whether anything changed."""

from django.db import transaction
from django.utils import timezone

from .models import Article, FormerSlug


def publish(article: Article) -> bool:
    """Show it to readers from now on."""
    if article.is_published:
        return False
    article.published_at = timezone.now()
    article.withdraw_at = None
    article.withdrawal_reason = ""
    article.full_clean(exclude=["slug"])
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

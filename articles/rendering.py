"""Making an article's HTML again without touching what its editors write meanwhile."""

from django.db import transaction

from .models import Article

MADE = ["body_html", "sources_html", "contents", "words"]


@transaction.atomic
def render_again(pk: int) -> bool:
    """Render from the body as it stands now, and keep only what is made from it.

    Tells whether anything changed. Raises TooMuch.
    """
    article = Article.objects.select_for_update().get(pk=pk)
    before = [getattr(article, name) for name in MADE]
    article.render()
    if before == [getattr(article, name) for name in MADE]:
        return False
    article.save(update_fields=MADE)
    return True

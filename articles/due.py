"""Scheduled revisions take effect at their minute, whether or not a worker is running.

First publications and withdrawals are dates in the row that ``published()`` compares with the
clock. A revision that takes the place of live words must change the row itself. Whoever reads
articles at or after that minute makes the change first: the one case in which a GET writes.
It happens in one transaction under the row's lock and only once, however many read at once.
The check rides along in a query that is made anyway, on an index that is nearly always empty.
"""

import logging

from django.db import OperationalError, transaction
from django.db.models import Exists
from django.utils import timezone

from .models import Article
from .publishing import give_up_next_step, take_next_step
from .revisions import lock

logger = logging.getLogger(__name__)

# After a long silence, one reader should not wait for hundreds of articles.
AT_ONCE = 20


def due_articles():
    return Article.objects.filter(next_at__lte=timezone.now())


def apply_due() -> bool:
    """Let every due revision take effect. Tells whether any did."""
    took_effect = [apply_step(article) for article in due_articles().order_by("next_at")[:AT_ONCE]]
    return any(took_effect)


def apply_step(article: Article) -> bool:
    """Let this article's due revision take effect, and bring the instance up to date.

    Whatever is wrong with one revision must not take every page down: it is taken off then.
    """
    if not is_due(article):
        return False
    try:
        with transaction.atomic():
            return take_next_step(article)
    except OperationalError:
        logger.warning("A scheduled revision has to wait: the database is busy.", exc_info=True)
        return False
    except Exception:
        logger.exception("A scheduled revision could not take effect.")
    with transaction.atomic():
        lock(article)
        if is_due(article):
            give_up_next_step(article, "It could not be published. Schedule it again.")
    return True


def is_due(article: Article) -> bool:
    return bool(article.next_at and article.next_at <= timezone.now())


def find_up_to_date(articles) -> Article | None:
    """The one article a query finds, with the words and the address of this very minute."""
    return next(iter(read_up_to_date(articles[:1])), None)


def read_up_to_date(articles, *, may_appear=True) -> list:
    """The rows of a sliced or small query of articles (or of what names them, like comments),
    after due revisions took effect.

    No query more than usual, unless something was due, or nothing was found and a due revision
    may make something appear (one).
    """
    found = list(articles.annotate(something_is_due=Exists(due_articles())))
    if found:
        something_is_due = found[0].something_is_due
    else:
        something_is_due = may_appear and due_articles().exists()
    if something_is_due and apply_due():
        found = list(articles.all())
    return found

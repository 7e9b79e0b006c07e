"""The log of deeds. Written in the transaction of the deed, so neither is without the other."""

from .models import Article, AuditEntry

Deed = AuditEntry.Deed


def log(
    article: Article, deed: Deed, *, by=None, revision: int | None = None, detail="", took_off=None
) -> None:
    AuditEntry.objects.create(
        article=article,
        title=article.title,
        deed=deed,
        by=by,
        revision=revision,
        detail=detail[:1000],
        took_off=took_off,
    )

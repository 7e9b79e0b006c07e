"""What an editor writes, kept whole at every save.

A revision's ``content`` is one JSON object::

    {"title", "slug", "standfirst", "key_points", "body", "hero_alt", "hero_focus",
     "change_note", "reviewed_by": text, "reviewed_on", "review_due": "2026-10-03" or null,
     "hero_is_decorative", "is_demonstration": true or false, "content_notes": [text, ...],
     "hero", "disclaimer": id or null, "topics", "contributors", "related": [id, ...]}

While readers see an article, its row holds the words they see and the newest revision holds
the words in the making. Before that the row simply follows the newest revision. Own tables
and not django-simple-history or django-reversion: both write history beside the row that
readers see, and neither keeps a version that is newer than the live one.
"""

import re
import uuid
from copy import copy
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify

from community.policies.models import PolicyVersion

from .models import Article, ArticleTopic, Byline, Contributor, FormerSlug, Picture, Revision, Topic

PLAIN = (
    "title",
    "slug",
    "standfirst",
    "key_points",
    "body",
    "hero_alt",
    "hero_focus",
    "hero_is_decorative",
    "is_demonstration",
    "change_note",
    "reviewed_by",
    "content_notes",
)
DAYS = ("reviewed_on", "review_due")


@dataclass(frozen=True)
class Saved:
    """``changed`` is false when the words were the newest already. ``newer`` is the revision
    someone else saved meanwhile; ours was then kept aside and nothing of theirs is touched."""

    revision: Revision
    changed: bool
    newer: Revision | None = None


def content_of(article: Article) -> dict:
    """The article's row as the content of a revision."""
    content = {name: getattr(article, name) for name in PLAIN}
    content |= {name: (day := getattr(article, name)) and day.isoformat() for name in DAYS}
    content["hero"] = article.hero_id
    content["disclaimer"] = article.disclaimer_id
    content["topics"] = [link.topic_id for link in article.topic_links.all()]
    content["contributors"] = [byline.contributor_id for byline in article.bylines.all()]
    content["related"] = sorted(article.related.order_by().values_list("pk", flat=True))
    return content


def blank_content() -> dict:
    """What an article says before anyone wrote a word."""
    content = {name: Article._meta.get_field(name).get_default() for name in PLAIN}
    content |= dict.fromkeys([*DAYS, "hero", "disclaimer"])
    return content | {"topics": [], "contributors": [], "related": []}


def complete(content: dict) -> dict:
    """A revision from before a field was there says of it what a blank article says."""
    return blank_content() | content


def working_revision(article: Article) -> Revision:
    """What is worked on now. An article that was never saved here has its row as number 0."""
    return Revision.objects.working(article) or Revision(
        article=article, number=0, content=content_of(article), made_at=article.saved_at
    )


@transaction.atomic
def save_revision(
    article: Article,
    content: dict,
    *,
    by=None,
    base: int | None = None,
    note="",
    restored_from=None,
) -> Saved:
    """Keep these words as the newest revision, made from revision ``base`` (None: the newest).

    When a newer one than ``base`` says something else, ours is kept aside instead.
    """
    lock(article)
    newest = saved_revision(article)
    if content == newest.content:
        return Saved(newest, changed=False)
    is_stale = base is not None and newest.number > max(base, 1)
    revision = _add(
        article, content, made_by=by, note=note, restored_from=restored_from, is_aside=is_stale
    )
    if is_stale:
        return Saved(revision, changed=True, newer=newest)
    follow(article, revision)
    return Saved(revision, changed=True)


@transaction.atomic
def start_article(content: dict, *, by=None, note="", key: str | None = None) -> Saved:
    """A new draft with its first revision. An empty address is made from the title.

    Raises IntegrityError when an article was started with this key already.
    """
    article = Article(created_by=by, form_key=key or None)
    content = content | {"slug": content["slug"] or free_slug(content["title"])}
    article.slug = content["slug"]
    article.save()
    revision = _add(article, content, made_by=by, note=note)
    follow(article, revision)
    return Saved(revision, changed=True)


def record_row(article: Article, *, by=None, note="") -> Revision:
    """Keep the row, as it now stands, as the newest revision and as what readers see."""
    lock(article)
    content = content_of(article)
    newest = Revision.objects.working(article)
    if newest is None or newest.content != content:
        newest = _add(article, content, made_by=by, note=note)
    if article.published_at:
        Article.objects.filter(pk=article.pk).update(
            live_revision=newest, live_at=article.published_at, next_revision=None, next_at=None
        )
    return newest


def lock(article: Article) -> None:
    """One writer at a time. The rows that belong to an article change only under this lock."""
    Article.objects.select_for_update().order_by().only("pk").get(pk=article.pk)
    article.refresh_from_db()


def lock_if_free(article: Article) -> bool:
    """For readers, who should not wait for an editor's save: false when someone holds it."""
    rows = Article.objects.select_for_update(skip_locked=True).order_by().only("pk")
    if not rows.filter(pk=article.pk).first():
        return False
    article.refresh_from_db()
    return True


def follow(article: Article, revision: Revision) -> None:
    """Before readers (will) see an article, its row is its newest revision."""
    if article.published_at is None:
        fill(article, revision.content)
        article.save()
        link(article, revision.content)


def fill(article: Article, content: dict) -> None:
    """Set the fields of the row, unsaved. What was deleted meanwhile is left out."""
    content = complete(content)
    for name in PLAIN:
        setattr(article, name, content[name])
    for name in DAYS:
        setattr(article, name, content[name] and date.fromisoformat(content[name]))
    article.hero = Picture.objects.filter(pk=content["hero"]).first()
    article.disclaimer = PolicyVersion.objects.filter(pk=content["disclaimer"]).first()


def link(article: Article, content: dict) -> None:
    """Make topics, byline and related articles say exactly this, in this order."""
    content = complete(content)
    article.topic_links.all().delete()
    ArticleTopic.objects.bulk_create(
        ArticleTopic(article=article, topic=topic, position=position)
        for position, topic in enumerate(in_order(Topic, content["topics"]))
    )
    article.bylines.all().delete()
    Byline.objects.bulk_create(
        Byline(article=article, contributor=contributor, position=position)
        for position, contributor in enumerate(in_order(Contributor, content["contributors"]))
    )
    article.related.set(Article.objects.filter(pk__in=content["related"]).exclude(pk=article.pk))


def in_order(model, pks: list[int]) -> list:
    found = model.objects.in_bulk(pks) if pks else {}
    return [found[pk] for pk in pks if pk in found]


def as_article(article: Article, content: dict) -> Article:
    """The article as it would read with this content; nothing is saved. Raises TooMuch."""
    content = complete(content)
    shown = copy(article)
    fill(shown, content)
    shown.shown_topics = in_order(Topic, content["topics"])
    shown.shown_contributors = in_order(Contributor, content["contributors"])
    shown.render()
    return shown


def free_slug(title: str, of: Article | None = None) -> str:
    """An address nobody else has or had. A draft without a title gets one that says so."""
    stem = stem_of(title) or f"untitled-{uuid.uuid4().hex[:8]}"
    slug, number = stem, 1
    while slug_is_taken(slug, by_other_than=of):
        number += 1
        slug = f"{stem}-{number}"
    return slug


def stem_of(title: str) -> str:
    return slugify(title)[:100].strip("-")


def was_made(slug: str, title: str) -> bool:
    """Whether ``free_slug`` made this address from this title, and no person chose it."""
    stem = re.escape(stem_of(title)) if stem_of(title) else "untitled-[0-9a-f]{8}"
    return bool(re.fullmatch(rf"{stem}(-\d+)?", slug))


def slug_is_taken(slug: str, by_other_than: Article | None = None) -> bool:
    """Another article has this address, or once had it and is still found there."""
    others = Article.objects.filter(slug=slug)
    former = FormerSlug.objects.filter(slug=slug)
    if by_other_than:
        others = others.exclude(pk=by_other_than.pk)
        former = former.exclude(article=by_other_than)
    return others.exists() or former.exists()


def saved_revision(article: Article) -> Revision:
    """The newest revision; an article that has none gets its first from its row."""
    return Revision.objects.working(article) or first_revision(article)


def first_revision(article: Article) -> Revision:
    """An article from before there was a history: what it says becomes number 1."""
    revision = _add(article, content_of(article), note="As it stood")
    if article.published_at:
        article.live_revision, article.live_at = revision, article.published_at
        Article.objects.filter(pk=article.pk).update(
            live_revision=revision, live_at=article.published_at
        )
    return revision


def _add(article, content, **fields) -> Revision:
    last = article.revisions.aggregate(last=Max("number"))["last"] or 0
    if last:  # the row of a live article stays as it is, and still was saved now
        article.saved_at = timezone.now()
        Article.objects.filter(pk=article.pk).update(saved_at=article.saved_at)
    return Revision.objects.create(article=article, number=last + 1, content=content, **fields)

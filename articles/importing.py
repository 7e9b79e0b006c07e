"""Articles from Markdown files: all of a file or nothing of it, and the same again if repeated."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from advocacy_site.html import TooMuch

from .audit import Deed, log
from .file_parts import FILE_PARTS
from .front_matter import ArticleFile, BadFile, Mistake, read_article_file
from .models import Article, ArticleTopic, Byline, Contributor, Picture, Topic
from .pictures import (
    MOST_BYTES,
    TOO_LARGE,
    RefusedPicture,
    clean_picture,
    digest_of,
    keep_picture,
)
from .revisions import record_row


@dataclass(frozen=True)
class Imported:
    """``outcome`` is "created", "updated" or "unchanged"."""

    article: Article
    outcome: str


def import_article(path: Path, *, create: bool = False, by=None) -> Imported:
    """Import one file. Unknown topics and contributors are made only if ``create``.

    Raises BadFile with every mistake and its line; nothing is written then.
    """
    try:
        data = path.read_bytes()
    except OSError as gone:
        raise BadFile(Mistake(1, f"The file cannot be read: {gone.strerror}.")) from gone
    file = read_article_file(data)
    with transaction.atomic():
        return _write(file, path.parent, create, by)


def _write(file: ArticleFile, folder: Path, create: bool, by) -> Imported:
    topics = _find_all(Topic, file, "topics", create)
    contributors = _find_all(Contributor, file, "contributors", create)
    article = Article.objects.filter(slug=file.slug).first()
    outcome = "updated" if article else "created"
    article = article or Article(slug=file.slug, created_by=by)
    before = None if outcome == "created" else as_it_stands(article)
    _fill(article, file)
    _check(article, file)
    # Last, so that a refused file leaves no picture behind on the disk.
    article.hero = _find_hero(file, folder, by)
    if before == (facts_of(article), topics, contributors):
        return Imported(article, "updated" if _keep_parts(article, file) else "unchanged")
    article.save()
    _link(ArticleTopic, "topic", article, topics)
    _link(Byline, "contributor", article, contributors)
    _keep_parts(article, file)
    record_row(article, by=by, note="Imported")
    log(article, Deed.IMPORTED, by=by)
    return Imported(article, outcome)


def _keep_parts(article: Article, file: ArticleFile) -> bool:
    """Let other apps keep what is theirs; tell whether anything changed."""
    changed = False
    for key, part in FILE_PARTS.items():
        try:
            changed |= part.keep(article, file.parts.get(key))
        except ValueError as wrong:
            raise BadFile(Mistake(file.lines.get(key, 1), f"{key}: {wrong}")) from wrong
    return changed


def _fill(article: Article, file: ArticleFile) -> None:
    article.title = file.title
    article.standfirst = file.standfirst
    article.key_points = "\n".join(file.key_points)
    article.content_notes = file.content_notes
    article.hero_alt = file.hero_alt
    article.hero_is_decorative = file.hero_decorative
    article.hero_focus = file.hero_focus
    article.published_at = file.published
    article.updated_at = file.updated
    article.change_note = file.change_note
    article.reviewed_on = file.reviewed
    article.reviewed_by = file.reviewed_by
    article.review_due = file.review_due
    article.is_demonstration = file.demonstration
    article.body = file.body


FACTS = (
    "title",
    "standfirst",
    "key_points",
    "content_notes",
    "hero_id",
    "hero_alt",
    "hero_is_decorative",
    "hero_focus",
    "published_at",
    "updated_at",
    "change_note",
    "reviewed_on",
    "reviewed_by",
    "review_due",
    "is_demonstration",
    "body",
)


def facts_of(article: Article) -> dict:
    return {name: getattr(article, name) for name in FACTS}


def as_it_stands(article: Article):
    return facts_of(article), article.topic_list, article.contributor_list


def _check(article: Article, file: ArticleFile) -> None:
    """The same rules as in the admin, told with the lines of the file."""
    try:
        problems = article.render().problems
        article.full_clean(exclude=["slug"])
    except TooMuch as too_much:
        raise BadFile(Mistake(file.body_line, str(too_much))) from too_much
    except ValidationError as invalid:
        raise BadFile(*(Mistake(1, text) for text in invalid.messages)) from invalid
    if problems:
        raise BadFile(*(Mistake(file.body_line + p.line - 1, p.text) for p in problems))


def _find_all(model, file: ArticleFile, key: str, create: bool) -> list:
    """The rows named by a list, in its order; a slug serves where two people share a name."""
    wanted = getattr(file, key)
    line = file.lines.get(key, 1)
    by_name = defaultdict(list)
    for row in model.objects.filter(Q(name__in=wanted) | Q(slug__in=wanted)):
        by_name[row.name].append(row)
        by_name[row.slug].append(row)
    mistakes, found = [], []
    for name in wanted:
        rows = set(by_name[name])
        if len(rows) > 1:
            slugs = ", ".join(sorted(row.slug for row in rows))
            mistakes.append(Mistake(line, f'"{name}" may be several: write one of {slugs}.'))
        elif rows:
            found += rows
        elif create:
            found.append(_create(model, name, line))
        else:
            mistakes.append(
                Mistake(
                    line,
                    f'There is no {model._meta.verbose_name} "{name}". '
                    "Use the name of one in the admin, or import with --create.",
                )
            )
    if mistakes:
        raise BadFile(*mistakes)
    return found


def _create(model, name: str, line: int):
    slug = slugify(name)
    if not slug or model.objects.filter(slug=slug).exists():
        raise BadFile(Mistake(line, f'Make "{name}" in the admin first.'))
    return model.objects.create(name=name, slug=slug)


def _find_hero(file: ArticleFile, folder: Path, by) -> Picture | None:
    """The picture beside the file or in its folder ``pictures``, else of the library."""
    if not file.hero:
        return None
    line = file.lines["hero"]
    for path in (folder / file.hero, folder / "pictures" / file.hero):
        if path.is_file():
            return _take_picture(path, file, line, by)
    picture = Picture.objects.filter(name=file.hero).first()
    if picture is None:
        raise BadFile(
            Mistake(
                line,
                f'hero: there is no picture "{file.hero}" beside the file or in the library.',
            )
        )
    return picture


def _take_picture(path: Path, file: ArticleFile, line: int, by) -> Picture:
    if path.stat().st_size > MOST_BYTES:
        raise BadFile(Mistake(line, f"hero: {TOO_LARGE}"))
    data = path.read_bytes()
    picture = Picture.objects.filter(name=file.hero).first()
    if picture and picture.digest == digest_of(data):
        return picture
    if picture and Article.objects.filter(hero=picture).exclude(slug=file.slug).exists():
        raise BadFile(
            Mistake(
                line, "hero: another article shows a different picture of this name. Rename it."
            )
        )
    try:
        clean = clean_picture(data)
    except RefusedPicture as refused:
        raise BadFile(Mistake(line, f"hero: {refused}")) from refused
    picture = picture or Picture(name=file.hero, alt=file.hero_alt)
    keep_picture(picture, clean, by=by)
    return picture


def _link(through, key: str, article: Article, rows: list) -> None:
    """Make the links say exactly this, in this order."""
    through.objects.filter(article=article).delete()
    through.objects.bulk_create(
        through(article=article, position=position, **{key: row})
        for position, row in enumerate(rows)
    )

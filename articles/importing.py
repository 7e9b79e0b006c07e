"""Articles from Markdown files: all of a file or nothing of it, and the same again if repeated."""

from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from advocacy_site.html import TooMuch

from .file_parts import FILE_PARTS
from .front_matter import ArticleFile, BadFile, Mistake, read_article_file
from .models import Article, ArticleTopic, Byline, Contributor, Picture, Topic
from .pictures import MOST_BYTES, RefusedPicture, add_picture


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
    if before == (facts_of(article), names_of(topics), names_of(contributors)):
        return Imported(article, "updated" if _keep_parts(article, file) else "unchanged")
    article.save()
    _link(ArticleTopic, "topic", article, topics)
    _link(Byline, "contributor", article, contributors)
    _keep_parts(article, file)
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


def names_of(rows) -> list[str]:
    return [row.name for row in rows]


def as_it_stands(article: Article):
    return facts_of(article), names_of(article.topic_list), names_of(article.contributor_list)


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
    """The rows named by a list, in its order."""
    names = getattr(file, key)
    found = {row.name: row for row in model.objects.filter(name__in=names)}
    unknown = [name for name in names if name not in found]
    if unknown and not create:
        raise BadFile(
            *(
                Mistake(
                    file.lines[key],
                    f'There is no {model._meta.verbose_name} "{name}". '
                    "Use the name of one in the admin, or import with --create.",
                )
                for name in unknown
            )
        )
    for name in unknown:
        slug = slugify(name)
        if not slug or model.objects.filter(slug=slug).exists():
            raise BadFile(Mistake(file.lines[key], f'Make "{name}" in the admin first.'))
        found[name] = model.objects.create(name=name, slug=slug)
    return [found[name] for name in names]


def _find_hero(file: ArticleFile, folder: Path, by) -> Picture | None:
    """The picture beside the file or in its folder ``pictures``, else of the library."""
    if not file.hero:
        return None
    line = file.lines["hero"]
    if "/" in file.hero or "\\" in file.hero or file.hero.startswith("."):
        raise BadFile(Mistake(line, "hero: write the name of a file, without a folder."))
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
        raise BadFile(Mistake(line, f"hero: choose a picture of {MOST_BYTES >> 20} MB or less."))
    try:
        return add_picture(file.hero, path.read_bytes(), alt=file.hero_alt, by=by)
    except RefusedPicture as refused:
        raise BadFile(Mistake(line, f"hero: {refused}")) from refused


def _link(through, key: str, article: Article, rows: list) -> None:
    """Make the links say exactly this, in this order."""
    through.objects.filter(article=article).delete()
    through.objects.bulk_create(
        through(article=article, position=position, **{key: row})
        for position, row in enumerate(rows)
    )

"""An article as a Markdown file: YAML front matter between two lines of three hyphens, then
the text. Reading a file here writes nothing; every mistake names its line and what to write.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

import yaml
from django.utils import timezone
from django.utils.text import slugify

from .file_parts import FILE_PARTS
from .models import Article

MOST_FILE_BYTES = 400_000
DAY = re.compile(r"^\d{4}-\d\d-\d\d$")
SLUG = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
NOTES = {label: value for value, label in Article.ContentNote.choices}


@dataclass(frozen=True)
class Mistake:
    line: int
    text: str


class BadFile(ValueError):
    """The file cannot be read as an article. ``mistakes`` are in the order of their lines."""

    def __init__(self, *mistakes: Mistake):
        self.mistakes = sorted(mistakes, key=lambda mistake: mistake.line)
        super().__init__("; ".join(f"line {m.line}: {m.text}" for m in self.mistakes))


@dataclass
class ArticleFile:
    """What a file says. ``lines`` maps each key of the front matter to its line, ``body_line``
    is where the text begins; both count from 1. ``parts`` holds the keys of other apps."""

    title: str = ""
    slug: str = ""
    standfirst: str = ""
    topics: list[str] = field(default_factory=list)
    contributors: list[str] = field(default_factory=list)
    key_points: list[str] = field(default_factory=list)
    content_notes: list[str] = field(default_factory=list)
    hero: str = ""
    hero_alt: str = ""
    hero_decorative: bool = False
    hero_focus: str = "center"
    published: datetime | None = None
    updated: datetime | None = None
    change_note: str = ""
    reviewed: date | None = None
    reviewed_by: str = ""
    review_due: date | None = None
    demonstration: bool = False
    body: str = ""
    parts: dict[str, object] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    body_line: int = 1


def read_article_file(data: bytes) -> ArticleFile:
    """Read a whole file. Raises BadFile."""
    text = _decode(data)
    header, body, body_line = _split(text)
    values, lines = _read_yaml(header)
    article = ArticleFile(body=body, body_line=body_line, lines=lines)
    known = [*READERS, *FILE_PARTS]
    mistakes = [
        Mistake(lines[key], f'There is no key "{key}". Use one of: {", ".join(known)}.')
        for key in values.keys() - set(known)
    ]
    for key, part in FILE_PARTS.items():
        if key in values:
            try:
                article.parts[key] = part.read(values[key])
            except ValueError as wrong:
                mistakes.append(Mistake(lines[key], f"{key}: {wrong}"))
    for key, read in READERS.items():
        if key in values:
            try:
                setattr(article, key, read(values[key]))
            except ValueError as wrong:
                mistakes.append(Mistake(lines[key], f"{key}: {wrong}"))
    mistakes += _missing(article, values)
    if mistakes:
        raise BadFile(*mistakes)
    return article


def _missing(article: ArticleFile, values: dict) -> list[Mistake]:
    """A draft needs only a title and an address; what readers will see needs more."""
    required = REQUIRED | REQUIRED_TO_PUBLISH if article.published else REQUIRED
    missing = [
        Mistake(1, f"Add {key}: {what}.") for key, what in required.items() if key not in values
    ]
    if not article.published:
        return missing
    if not article.body.strip():
        missing.append(Mistake(article.body_line, "Write the text after the second line of ---."))
    if article.hero and not (article.hero_alt or article.hero_decorative):
        missing.append(
            Mistake(
                article.lines["hero"],
                "Add hero_alt: what the picture shows. Or write hero_decorative: true.",
            )
        )
    return missing


def _decode(data: bytes) -> str:
    if len(data) > MOST_FILE_BYTES:
        raise BadFile(Mistake(1, f"Keep the file under {MOST_FILE_BYTES:,} bytes."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as odd:
        line = data.count(b"\n", 0, odd.start) + 1
        raise BadFile(Mistake(line, "Save the file as UTF-8.")) from odd
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _split(text: str) -> tuple[str, str, int]:
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        raise BadFile(Mistake(1, "Begin the file with a line of three hyphens: ---"))
    for number, line in enumerate(lines[1:], start=2):
        if line.rstrip() == "---":
            return "\n".join(lines[1 : number - 1]), "\n".join(lines[number:]), number + 1
    raise BadFile(Mistake(1, "End the front matter with a second line of three hyphens: ---"))


def _read_yaml(header: str) -> tuple[dict, dict[str, int]]:
    """Return the values, every scalar as the text that stands there, and the line of each key."""
    try:
        node = yaml.compose(header, Loader=_Loader)
        values = yaml.load(header, Loader=_Loader)  # noqa: S506 - makes texts, lists and dicts only
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        line = mark.line + 2 if mark else 1
        text = f"Mend the front matter: {wrong.problem}. Put a text with a colon in quotes."
        raise BadFile(Mistake(line, text)) from wrong
    except (yaml.YAMLError, ValueError, RecursionError) as wrong:
        raise BadFile(Mistake(1, "Mend the front matter: it is not YAML.")) from wrong
    if not isinstance(values, dict):
        raise BadFile(Mistake(2, "Write the front matter as lines of key: value."))
    lines = {}
    for key, _ in node.value:
        line = key.start_mark.line + 2
        if not isinstance(key, yaml.ScalarNode):
            raise BadFile(Mistake(line, "Write the front matter as lines of key: value."))
        if key.value in lines:
            raise BadFile(Mistake(line, f"{key.value} is already on line {lines[key.value]}."))
        lines[key.value] = line
    return values, lines


class _Loader(yaml.BaseLoader):
    """Texts, lists and dicts, and no guess at what a text means: 12:30 stays 12:30. An alias
    that grows tenfold at each step has no use here."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.composer.ComposerError(
                None, None, "aliases (*name) are not used here", event.start_mark
            )
        return super().compose_node(parent, index)


# Readers turn what stands there into our values, or raise ValueError with what to write instead.


def _text(most: int):
    def read(value) -> str:
        if not isinstance(value, str):
            raise ValueError("write a text.")
        text = value.strip()
        if not text:
            raise ValueError("write a text, or leave the line out.")
        if "\n" in text:
            raise ValueError("write it on one line.")
        if not text.isprintable():
            raise ValueError("remove the unprintable characters.")
        if len(text) > most:
            raise ValueError(f"use {most} characters or fewer, not {len(text)}.")
        return text

    return read


def _texts(most: int):
    def read(value) -> list[str]:
        if not isinstance(value, list) or not value:
            raise ValueError("write a list, one entry a line, each after two spaces and a hyphen.")
        texts = [_text(most)(entry) for entry in value]
        if len(set(texts)) < len(texts):
            raise ValueError("name each only once.")
        if len(texts) > 20:
            raise ValueError("use 20 entries or fewer.")
        return texts

    return read


def _slug(value) -> str:
    text = _text(120)(value)
    if not SLUG.match(text):
        raise ValueError(
            f"use small letters, digits and hyphens, for example {slugify(text) or 'my-article'}."
        )
    return text


def _notes(value) -> list[str]:
    labels = _texts(40)(value)
    for label in labels:
        if label not in NOTES:
            raise ValueError(f'"{label}" is not a content note. Use: {", ".join(NOTES)}.')
    return [NOTES[label] for label in labels]


def _yes_or_no(value) -> bool:
    if value not in {"true", "false"}:
        raise ValueError("write true or false.")
    return value == "true"


def _focus(value) -> str:
    if value not in Article.Focus.values:
        raise ValueError(f"use one of: {', '.join(Article.Focus.values)}.")
    return value


def _picture_name(value) -> str:
    name = _text(100)(value)
    if not re.fullmatch(r"[\w-][\w.-]*", name):
        raise ValueError("write the name of a file, without a folder.")
    return name


def _day(value) -> date:
    try:
        day = date.fromisoformat(value) if DAY.match(value) else None
    except (TypeError, ValueError):
        day = None
    if day is None or not 1900 <= day.year <= 2100:
        raise ValueError("write a day as year-month-day, for example 2026-10-03.")
    return day


def read_moment(value) -> datetime:
    """A day means its first minute at the site; a moment may carry its own time zone."""
    try:
        if DAY.match(value):
            return timezone.make_aware(datetime.combine(_day(value), time()))
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or not 1900 <= moment.year <= 2100:
        raise ValueError("write a day or a moment, for example 2026-10-03 or 2026-10-03 09:00:00.")
    return moment if moment.tzinfo else timezone.make_aware(moment)


# In the order in which export writes them.
READERS = {
    "title": _text(120),
    "slug": _slug,
    "standfirst": _text(250),
    "topics": _texts(60),
    "contributors": _texts(80),
    "key_points": _texts(300),
    "content_notes": _notes,
    "hero": _picture_name,
    "hero_alt": _text(250),
    "hero_decorative": _yes_or_no,
    "hero_focus": _focus,
    "published": read_moment,
    "updated": read_moment,
    "change_note": _text(200),
    "reviewed": _day,
    "reviewed_by": _text(120),
    "review_due": _day,
    "demonstration": _yes_or_no,
}

REQUIRED = {
    "title": "the headline",
    "slug": "the address, in small letters, digits and hyphens",
}
REQUIRED_TO_PUBLISH = {
    "standfirst": "one or two sentences under the title",
    "topics": "a list with at least one topic",
}


def write_moment(moment: datetime) -> date | datetime:
    """The shortest writing that ``read_moment`` reads back as the same."""
    local = timezone.localtime(moment)
    if (
        local.time() == time()
        and timezone.make_aware(datetime.combine(local.date(), time())) == moment
    ):
        return local.date()
    return moment.astimezone(UTC)

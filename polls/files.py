"""Polls in the front matter of an article's file::

    polls:
      - slug: tea-or-coffee
        question: Tea or coffee on treatment day?
        choices: [Tea, Coffee]
      - slug: told-your-team
        kind: several            # this-or-that (two choices), one, several
        question: Which of these has your team talked about?
        at_most: 2
        choices:
          - Pain
          - text: Not yet
            follow_text: Read about asking
            follow_url: /articles/asking/

A poll opens with its article unless ``opens`` says when. One without a ``[[poll:slug]]`` in
the text stands after it.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from articles.file_parts import FilePart
from articles.front_matter import read_moment, write_moment
from articles.models import Article

from .models import MOST_CHOICES, Choice, Placement, Poll
from .placing import PLACE

SLUG = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
KEYS = ("slug", "kind", "question", "context", "at_least", "at_most", "note", "opens", "closes")
CHOICE_KEYS = ("text", "follow_text", "follow_url")
MOST_POLLS = 10
DAY_LETTERS = len("2026-10-03")


@dataclass
class PollFile:
    slug: str
    question: str
    kind: str
    choices: list[dict]
    facts: dict = field(default_factory=dict)


def read(value) -> list[PollFile]:
    if not isinstance(value, list) or not value or len(value) > MOST_POLLS:
        raise ValueError(f"write a list of 1 to {MOST_POLLS} polls, each with slug and question.")
    polls = [_read_poll(one) for one in value]
    if len({poll.slug for poll in polls}) < len(polls):
        raise ValueError("name each poll only once.")
    return polls


def _read_poll(value) -> PollFile:
    if not isinstance(value, dict):
        raise ValueError("write each poll as slug, question and choices.")
    for key in value.keys() - {*KEYS, "choices"}:
        raise ValueError(f'there is no "{key}" in a poll. Use: {", ".join((*KEYS, "choices"))}.')
    slug = _text(value.get("slug"), "slug", 80)
    if not SLUG.match(slug):
        raise ValueError(f'the slug "{slug[:40]}" needs small letters, digits and hyphens only.')
    choices = value.get("choices")
    if not isinstance(choices, list) or not 2 <= len(choices) <= MOST_CHOICES:
        raise ValueError(f"{slug}: write 2 to {MOST_CHOICES} choices.")
    choices = [_read_choice(one, slug) for one in choices]
    kind = value.get("kind", "this-or-that" if len(choices) == 2 else "one")
    if kind not in Poll.Kind.values:
        raise ValueError(f"{slug}: the kind is one of {', '.join(Poll.Kind.values)}.")
    if kind == "this-or-that" and len(choices) != 2:
        raise ValueError(f"{slug}: “This or That” has exactly two choices.")
    facts = {
        "context": _text(value.get("context", ""), "context", 250),
        "note": _text(value.get("note", ""), "note", 250),
        "min_choices": _number(value.get("at_least", 1)),
        "max_choices": _number(value.get("at_most", len(choices) if kind == "several" else 1)),
        "closes_at": _end(value.get("closes")),
    }
    if "opens" in value:
        facts["opens_at"] = _moment(value["opens"])
    if facts["max_choices"] > len(choices):
        raise ValueError(f"{slug}: at_most is {len(choices)} or less.")
    return PollFile(slug, _text(value.get("question"), "question", 140), kind, choices, facts)


def _read_choice(value, slug: str) -> dict:
    if not isinstance(value, dict):
        value = {"text": value}
    for key in value.keys() - set(CHOICE_KEYS):
        raise ValueError(f'{slug}: there is no "{key}" in a choice.')
    return {
        "text": _text(value.get("text"), f"the choice of {slug}", 120),
        "follow_text": _text(value.get("follow_text", ""), "follow_text", 80),
        "follow_url": _text(value.get("follow_url", ""), "follow_url", 300),
    }


def _text(value, name: str, most: int) -> str:
    if not isinstance(value, str):
        raise ValueError(f"write a text for {name}.")
    text = value.strip()
    if len(text) > most or "\x00" in text or "\n" in text:
        raise ValueError(f"use one line of {most} characters or fewer for {name}.")
    return text


def _number(value) -> int:
    text = str(value)
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= MOST_CHOICES:
        raise ValueError(f"write a number from 1 to {MOST_CHOICES} for at_least and at_most.")
    return number


def _moment(value) -> datetime | None:
    if value is None:
        return None
    try:
        return read_moment(value)
    except ValueError:
        raise ValueError("write opens and closes as a day, for example 2026-10-03.") from None


def _end(value) -> datetime | None:
    """A poll that closes on a day is open to the end of it."""
    moment = _moment(value)
    is_day = moment is not None and isinstance(write_moment(moment), date)
    return moment + timedelta(days=1) if is_day and len(str(value)) <= DAY_LETTERS else moment


def _write_end(moment: datetime | None) -> date | datetime | None:
    """What ``_end`` reads back as the same."""
    written = moment and write_moment(moment)
    return written if moment is None or isinstance(written, datetime) else written - timedelta(1)


def keep(article: Article, polls: list[PollFile] | None) -> bool:
    """Make the polls of a file, or bring them up to date. Where people have voted, the words
    must be the same: otherwise ValueError."""
    changed = False
    for file in polls or ():
        changed |= _keep_poll(article, file)
    return changed


def _keep_poll(article: Article, file: PollFile) -> bool:
    poll = Poll.objects.filter(slug=file.slug).first() or Poll(slug=file.slug)
    before = write_poll(poll, article) if poll.pk else None
    poll.kind, poll.question = file.kind, file.question
    for name, value in {"opens_at": poll.opens_at or article.published_at, **file.facts}.items():
        setattr(poll, name, value)
    try:
        with transaction.atomic():
            poll.full_clean(exclude=["slug"] if poll.pk else [])
            poll.save()
            _keep_choices(poll, file.choices)
    except ValidationError as invalid:
        raise ValueError(f"{file.slug}: {' '.join(invalid.messages)}") from invalid
    except IntegrityError as refused:
        if poll.pk and poll.has_votes:
            raise ValueError(
                f"{file.slug}: people have voted, so its words stay as they are. Add a note, or "
                "close it and make a new poll."
            ) from refused
        raise ValueError(f"{file.slug}: each choice once, and a follow-up whole.") from refused
    in_text = file.slug in PLACE.findall(article.body_html)
    _, placed = Placement.objects.update_or_create(
        article=article, poll=poll, defaults={"in_text": in_text}
    )
    return placed or before != write_poll(poll, article)


def _keep_choices(poll: Poll, wanted: list[dict]) -> None:
    """Change only what differs: the database refuses to touch words people voted on. Other
    words are another choice, made when all that go are gone: two may have changed places."""
    there = {choice.position: choice for choice in poll.choices.all()}
    texts = dict(enumerate((values["text"] for values in wanted), start=1))
    for position, choice in list(there.items()):
        if texts.get(position) != choice.text:
            there.pop(position).delete()
    for position, values in enumerate(wanted, start=1):
        choice = there.get(position) or Choice(poll=poll, position=position)
        if choice.pk and all(getattr(choice, key) == value for key, value in values.items()):
            continue
        for key, value in values.items():
            setattr(choice, key, value)
        choice.full_clean(validate_unique=False, validate_constraints=True)
        choice.save()


def write(article: Article) -> list[dict]:
    polls = Poll.objects.filter(articles=article).order_by("slug").prefetch_related("choices")
    return [write_poll(poll, article) for poll in polls]


def write_poll(poll: Poll, article: Article) -> dict:
    opens_with_article = poll.opens_at == article.published_at
    values = {
        "slug": poll.slug,
        "kind": str(poll.kind),
        "question": poll.question,
        "context": poll.context,
        "note": poll.note,
        "opens": None if opens_with_article else poll.opens_at and write_moment(poll.opens_at),
        "closes": _write_end(poll.closes_at),
        "choices": [_write_choice(choice) for choice in poll.choices.all()],
    }
    if poll.is_several:
        values |= {"at_least": poll.min_choices, "at_most": poll.max_choices}
    return {key: value for key, value in values.items() if value}


def _write_choice(choice: Choice):
    if not choice.follow_text:
        return choice.text
    return {key: getattr(choice, key) for key in CHOICE_KEYS}


POLLS = FilePart(read=read, keep=keep, write=write)

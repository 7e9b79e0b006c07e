"""The card of a poll in a letter. It shows no result: a letter is read for months."""

from advocacy_site.cards import MOST_PICKS, Card, Pick, lend

from .models import Poll


def lend_cards() -> None:
    lend("poll", poll_card, pick_polls)


def poll_card(slug: str) -> Card | None:
    poll = Poll.objects.visible().filter(slug=slug).first()
    if poll is None:
        return None
    when = poll.closing_words if poll.is_open and poll.closes_at else ""
    return Card(
        title=poll.question,
        path=poll.get_absolute_url(),
        text=poll.context,
        meta=f"{poll.label}. {when}".strip(),
        action="See what people chose" if poll.is_closed else "Answer the poll",
    )


def pick_polls(words: str) -> list[Pick]:
    found = Poll.objects.visible().order_by("-pk")
    if words:
        found = found.filter(question__icontains=words)
    return [Pick(poll.slug, poll.question, poll.state) for poll in found[:MOST_PICKS]]

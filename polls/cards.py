"""The card of a poll in a letter. It shows no result: a letter is read for months."""

from advocacy_site.cards import Card, lend

from .models import Poll


def lend_cards() -> None:
    lend("poll", poll_card)


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

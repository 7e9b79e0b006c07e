"""The listed words as this process has them ready. One small query tells whether they changed."""

from dataclasses import dataclass

from .matching import Matcher
from .models import ListedWord, WordListVersion

_ready: tuple[int, Matcher] | None = None


@dataclass(frozen=True)
class Found:
    """``entry`` as it stands on the list, ``said`` the words in the text, folded."""

    entry: str
    action: str
    said: str


def find(text: str) -> list[Found]:
    """What of the list stands in a text: what is refused first, then in order of the entries."""
    order = ListedWord.Action.values
    found = [Found(*match.key, match.found) for match in _matcher().find(text)]
    return sorted(found, key=lambda found: (order.index(found.action), found.entry))


def _matcher() -> Matcher:
    global _ready
    number = WordListVersion.objects.values_list("number", flat=True).first() or 0
    if _ready is None or _ready[0] != number:
        # Read after the number: a change in between is read now and once more next time.
        _ready = number, Matcher((row, row[0]) for row in _rows())
    return _ready[1]


def _rows():
    return ListedWord.objects.order_by().values_list("text", "action")

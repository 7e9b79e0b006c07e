"""What readers are shown of a poll: words and numbers, and only totals."""

from collections.abc import Iterable
from dataclasses import dataclass

from advocacy_site.reader_cache import reads

from .models import Choice, Poll

# In a smaller group a split can be traced to people: state health departments suppress
# counts under ten for the same reason. The page prints this number.
LEAST_VOTERS = 10

# One look each, in the order of the answers; from the fifth on they begin anew.
LOOKS = ("a", "b", "c", "d")


@dataclass(frozen=True)
class Answer:
    """``votes`` and ``percent`` are None while the split is not shown; ``look`` is a to d."""

    choice: Choice
    votes: int | None
    percent: int | None
    look: str
    is_mine: bool


@dataclass(frozen=True)
class Results:
    """``mine`` holds the positions this reader chose, empty for everyone else."""

    poll: Poll
    voters: int
    answers: list[Answer]
    mine: list[int]

    @property
    def are_shown(self) -> bool:
        return self.voters >= LEAST_VOTERS

    @property
    def my_answers(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.is_mine]

    @property
    def follow_ups(self) -> list[Choice]:
        return [a.choice for a in self.my_answers if a.choice.follow_url]

    @property
    def is_two_way(self) -> bool:
        return len(self.answers) == 2 and not self.poll.is_several

    @property
    def in_words(self) -> str:
        """One sentence for a status message, a picture or a list."""
        if not self.are_shown:
            return ""
        return ", ".join(f"{a.choice.text}: {a.percent}%" for a in self.answers)


def results_of(poll: Poll, mine: Iterable[int] = ()) -> Results:
    """``poll`` comes from ``placing``, with its choices and totals. No query."""
    reads(f"polls_tally:{poll.pk}")
    mine = list(mine)
    votes = [choice.votes for choice in poll.choice_list]
    shown = poll.voters >= LEAST_VOTERS
    shares = [_share(v, poll.voters) for v in votes]
    percents = shares if poll.is_several else percents_of(votes)
    answers = [
        Answer(
            choice,
            choice.votes if shown else None,
            percent if shown else None,
            LOOKS[index % len(LOOKS)],
            choice.position in mine,
        )
        for index, (choice, percent) in enumerate(zip(poll.choice_list, percents, strict=True))
    ]
    return Results(poll, poll.voters, answers, mine)


def percents_of(votes: list[int]) -> list[int]:
    """Whole percents that add to 100, by largest remainder; of equals, the first gets more."""
    total = sum(votes)
    if not total:
        return [0] * len(votes)
    percents = [100 * v // total for v in votes]
    by_remainder = sorted(range(len(votes)), key=lambda i: (-(100 * votes[i] % total), i))
    for index in by_remainder[: 100 - sum(percents)]:
        percents[index] += 1
    return percents


def _share(votes: int, voters: int) -> int:
    return (200 * votes + voters) // (2 * voters) if voters else 0

from .ballot import Ballot, HourCount, Mixing, Tally
from .poll import MOST_CHOICES, Choice, Placement, Poll

__all__ = [
    "MOST_CHOICES",
    "Ballot",
    "Choice",
    "HourCount",
    "Mixing",
    "Placement",
    "Poll",
    "Tally",
]

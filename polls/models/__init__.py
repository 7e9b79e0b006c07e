from .ballot import Ballot, HourCount, Tally
from .poll import MOST_CHOICES, Choice, Placement, Poll

__all__ = ["MOST_CHOICES", "Ballot", "Choice", "HourCount", "Placement", "Poll", "Tally"]

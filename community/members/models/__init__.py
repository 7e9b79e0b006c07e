"""``Member`` is the account; the other modules hold what belongs to one part of its life."""

from .leaving import ClosedAccount, Export, WordsToRemove
from .member import OWN_WORDS_LIMIT, Member
from .memorial import DeathReport, MemorialAct
from .others import HiddenTopic, Ignore
from .signing_in import EmailedCode, SignedInBrowser

__all__ = [
    "OWN_WORDS_LIMIT",
    "ClosedAccount",
    "DeathReport",
    "EmailedCode",
    "Export",
    "HiddenTopic",
    "Ignore",
    "Member",
    "MemorialAct",
    "SignedInBrowser",
    "WordsToRemove",
]

from .act import TOLD, Message, ModerationAct, What
from .appeal import Appeal
from .desk import HandOver, Looking, Request, Shift, StaffNote, StockReply
from .sent import Alert, DigestDay
from .shown import Mark

__all__ = [
    "TOLD",
    "Alert",
    "Appeal",
    "DigestDay",
    "HandOver",
    "Looking",
    "Mark",
    "Message",
    "ModerationAct",
    "Request",
    "Shift",
    "StaffNote",
    "StockReply",
    "What",
]

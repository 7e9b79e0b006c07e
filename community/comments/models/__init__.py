from .comment import Comment, CommentVersion
from .conversation import Conversation, ConversationSwitch
from .draft import Draft
from .hold import Hold, MemberHold
from .listed_word import ListedWord, WordListVersion
from .notice import Follow, Notice, NoticeSettings
from .reaction import Reaction
from .report import Report
from .visit import LastVisit

__all__ = [
    "Comment",
    "CommentVersion",
    "Conversation",
    "ConversationSwitch",
    "Draft",
    "Follow",
    "Hold",
    "LastVisit",
    "ListedWord",
    "MemberHold",
    "Notice",
    "NoticeSettings",
    "Reaction",
    "Report",
    "WordListVersion",
]

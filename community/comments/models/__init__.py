from .comment import Comment, CommentVersion
from .conversation import Conversation, ConversationSwitch
from .draft import Draft
from .notice import Follow, Notice, NoticeSettings
from .reaction import Reaction
from .visit import LastVisit

__all__ = [
    "Comment",
    "CommentVersion",
    "Conversation",
    "ConversationSwitch",
    "Draft",
    "Follow",
    "LastVisit",
    "Notice",
    "NoticeSettings",
    "Reaction",
]

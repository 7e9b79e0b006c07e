from .comments import comment, delete, edit, follow_thread, reaction, reply, thread, undo
from .conversations import conversation, follow_article, preview, seen, talk
from .drafts import draft, drafts
from .mine import mine
from .notices import mute, notice_settings, notices

__all__ = [
    "comment",
    "conversation",
    "delete",
    "draft",
    "drafts",
    "edit",
    "follow_article",
    "follow_thread",
    "mine",
    "mute",
    "notice_settings",
    "notices",
    "preview",
    "reaction",
    "reply",
    "seen",
    "talk",
    "thread",
    "undo",
]

from .comments import comment, delete, edit, follow_thread, reaction, reply, thread, undo
from .conversations import conversation, follow_article, preview, seen, talk
from .drafts import draft, drafts
from .mine import mine
from .notices import mute, notice_settings, notices
from .reports import my_reports, report, report_member, reported

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
    "my_reports",
    "notice_settings",
    "notices",
    "preview",
    "reaction",
    "reply",
    "report",
    "report_member",
    "reported",
    "seen",
    "talk",
    "thread",
    "undo",
]

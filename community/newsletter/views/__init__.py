from .archive import LetterFeed, letter, letters
from .settings import delete, died, pause, record, resume, settings_page, start_again
from .signup import confirm, signup
from .stopping import back, stop

__all__ = [
    "LetterFeed", "back", "confirm", "delete", "died", "letter", "letters", "pause", "record",
    "resume", "settings_page", "signup", "start_again", "stop",
]  # fmt: skip

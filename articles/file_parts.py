"""Keys of an article's file that belong to other apps. Each app registers its own when it is
ready, so that articles need not know them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .models import Article


@dataclass(frozen=True)
class FilePart:
    """How to read, keep and write one key of the front matter.

    ``read`` turns the YAML value into the app's own, or raises ValueError with what to write
    instead. ``keep`` saves it with the article, which is saved already, and tells whether
    anything changed; it gets None where the file has no such key, and may raise ValueError
    too. ``write`` returns the YAML value, empty to leave the key out.
    """

    read: Callable[[Any], Any]
    keep: Callable[[Article, Any], bool]
    write: Callable[[Article], Any]


FILE_PARTS: dict[str, FilePart] = {}


def register(key: str, part: FilePart) -> None:
    FILE_PARTS[key] = part

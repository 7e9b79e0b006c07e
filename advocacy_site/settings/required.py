"""Values without which production must not start."""

import os
import re
from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured


def required(name: str, meaning: str, fits: Callable[[str], bool] = bool) -> str:
    """Return the environment variable, or refuse to start with one plain sentence."""
    value = os.environ.get(name, "").strip()
    if not value or not fits(value):
        raise ImproperlyConfigured(f"Set {name}: {meaning}.")
    return value


def hours_of_day(name: str) -> tuple[int, int]:
    """Two whole hours of one day, the first before the second, out of "9-18"."""
    found = re.fullmatch(r"([0-9]{1,2})\s*-\s*([0-9]{1,2})", os.environ.get(name, "").strip())
    if found and (start := int(found[1])) < (end := int(found[2])) <= 24:
        return start, end
    raise ImproperlyConfigured(
        f"Set {name}: two whole hours of a day with - between them, for example 9-18."
    )


def listed(value: str) -> list[str]:
    """Parts between commas, without the spaces around them."""
    return [part.strip() for part in value.split(",") if part.strip()]

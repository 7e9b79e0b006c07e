"""Values without which production must not start."""

import os
from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured


def required(name: str, meaning: str, fits: Callable[[str], bool] = bool) -> str:
    """Return the environment variable, or refuse to start with one plain sentence."""
    value = os.environ.get(name, "").strip()
    if not value or not fits(value):
        raise ImproperlyConfigured(f"Set {name}: {meaning}.")
    return value


def listed(value: str) -> list[str]:
    """Parts between commas, without the spaces around them."""
    return [part.strip() for part in value.split(",") if part.strip()]

"""Values without which production must not start."""

import os

from django.core.exceptions import ImproperlyConfigured


def required(name: str, meaning: str) -> str:
    """Return the environment variable, or refuse to start with one plain sentence."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"Set {name}: {meaning}.")
    return value

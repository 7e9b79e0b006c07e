"""The editors' desk for the magazine, in Django admin."""

from . import article, contributor, picture, topic

__all__ = ["article", "contributor", "picture", "topic"]

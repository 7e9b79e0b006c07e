"""The editors' desk for the magazine, in Django admin."""

from . import article, audit, contributor, picture, topic

__all__ = ["article", "audit", "contributor", "picture", "topic"]

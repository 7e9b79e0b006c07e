from .article import Article, ArticleTopic, Byline, FormerSlug, with_contributors, with_topics
from .contributor import Contributor
from .desk import AuditEntry, MissedSearch, Presence, SourceCheck, UnsavedWords
from .picture import Picture
from .revision import Revision
from .topic import Topic

__all__ = [
    "Article",
    "ArticleTopic",
    "AuditEntry",
    "Byline",
    "Contributor",
    "FormerSlug",
    "MissedSearch",
    "Picture",
    "Presence",
    "Revision",
    "SourceCheck",
    "Topic",
    "UnsavedWords",
    "with_contributors",
    "with_topics",
]

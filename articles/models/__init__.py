from .article import Article, ArticleTopic, Byline, FormerSlug, with_contributors, with_topics
from .contributor import Contributor
from .picture import Picture
from .topic import Topic

__all__ = [
    "Article",
    "ArticleTopic",
    "Byline",
    "Contributor",
    "FormerSlug",
    "Picture",
    "Topic",
    "with_contributors",
    "with_topics",
]

"""Lists of what was said: articles by latest conversation, and one member's comments."""

from dataclasses import dataclass

from django.db.models import prefetch_related_objects
from django.utils import timezone

from articles.due import read_up_to_date
from articles.models import with_topics

from .models import Comment, Conversation

A_PAGE = 20


@dataclass(frozen=True)
class ConversationPage:
    """``latest`` are the newest comments, one for each article; ``older`` is a key or None."""

    latest: list[Comment]
    older: int | None
    is_first: bool


def latest_conversations(most: int, *, about: str = "") -> list[Comment]:
    """The newest comments, one for each article; ``about``: words of its title. One query."""
    found = _conversations()
    if about:
        found = found.filter(article__title__icontains=about)
    keys = found.order_by("-latest_id").values("latest_id")[:most]
    return read_up_to_date(shown_comments().filter(pk__in=keys).order_by("-pk"), may_appear=False)


def page_of_conversations(before: int | None = None, most=A_PAGE) -> ConversationPage:
    """Articles by latest conversation, each as its newest comment. Two queries, by key."""
    rows = _conversations()
    if before:
        rows = rows.filter(latest_id__lt=before)
    keys = list(rows.order_by("-latest_id").values_list("latest_id", flat=True)[: most + 1])
    latest = read_up_to_date(
        shown_comments().filter(pk__in=keys[:most]).order_by("-pk"), may_appear=False
    )
    # By the keys, not by what is shown of them: one comment just taken down ends no list.
    older = keys[most - 1] if len(keys) > most else None
    return ConversationPage(latest, older, before is None)


def note_hidden_topics(comments: list[Comment], hidden: set[str]) -> list[Comment]:
    """``is_left_out`` on each whose article is about a topic the reader chose not to meet in
    lists, by slug. One query where she hides any."""
    if hidden:
        prefetch_related_objects([comment.article for comment in comments], with_topics())
        for comment in comments:
            topic = comment.article.main_topic
            comment.is_left_out = topic is not None and topic.slug in hidden
    return comments


def _conversations():
    now = timezone.now()
    return Conversation.objects.filter(latest_id__gt=0, article__published_at__lte=now).exclude(
        article__withdraw_at__lte=now
    )


def shown_comments():
    """Comments for lists: with their writer and the article's name, without its texts."""
    return (
        Comment.objects.in_public()
        .select_related("author", "article")
        .only(
            "html", "created_at", "content_note", "source", "parent_path", "article__title",
            "article__slug", "author__display_name", "author__handle", "author__relation",
            "author__relation_is_shown",
        )
    )  # fmt: skip


@dataclass(frozen=True)
class CommentPage:
    comments: list[Comment]
    older: int | None


def page_of_comments(writer, reader=None, before: int | None = None) -> CommentPage:
    """What a member wrote, newest first, as ``reader`` may see it."""
    found = (
        Comment.objects.visible_to(reader)
        .under_public_articles()
        .filter(author=writer)
        .select_related("article")
        .defer("article__body", "article__body_html", "article__sources_html")
        .order_by("-pk")
    )
    if before:
        found = found.filter(pk__lt=before)
    comments = read_up_to_date(found[: A_PAGE + 1], may_appear=False)
    return CommentPage(comments[:A_PAGE], comments[A_PAGE - 1].pk if comments[A_PAGE:] else None)

"""What moderators left under a comment, as everyone reads it. Kept in the comment's own HTML."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from community.comments import words
from community.comments.models import Comment

from .models import Mark


def below(comment) -> SafeString:
    """The lines under a comment's words. One query by key; none for a comment that is new."""
    if comment._state.adding:
        return SafeString("")
    mark = Mark.objects.filter(pk=comment.pk).first()
    return html_of(mark) if mark else SafeString("")


def html_of(mark: Mark) -> SafeString:
    lines = []
    if mark.detail_rule:
        lines.append(
            format_html(
                'A moderator took a detail out of this comment. <a href="/rules/#rule-{0}">Rule'
                " {0}</a>",
                mark.detail_rule,
            )
        )
    if mark.has_note:
        lines.append(_note(mark))
    if mark.locked_at:
        lines.append("A moderator closed this conversation to new replies. You can still read it.")
    return format_html_join("", '<p class="mod-note">{}</p>', ((line,) for line in lines))


def _note(mark: Mark) -> SafeString:
    ask = (
        f"This is not medical advice. Ask your team about {mark.ask_about}."
        if mark.ask_about
        else ""
    )
    source = (
        format_html(
            ' Source: <a href="{}" rel="noopener">{}</a>', mark.source_url, mark.source_title
        )
        if mark.source_url
        else ""
    )
    return format_html(
        "<strong>A note from a moderator.</strong> {}{}{}",
        ask,
        f" {mark.note}" if ask and mark.note else mark.note,
        source,
    )


def change(comment, **values) -> None:
    """Change what stands under a comment, and make its HTML anew."""
    Mark.objects.update_or_create(pk=comment.pk, defaults=values)
    words.render(comment)
    comment.save(update_fields=["html", "stamp", "renderer"])


def lock(comment, at) -> None:
    """Close the conversation of a comment to replies since then, or open it with None."""
    is_root = comment.pk == comment.thread_id
    change(comment if is_root else Comment.objects.get(pk=comment.thread_id), locked_at=at)


def locked_under(article):
    """The conversations of an article that take no replies, by the keys of their first comments.

    A lock changes the HTML of that comment as well, so pages that are kept hear of it.
    """
    return Mark.objects.filter(locked_at__isnull=False, comment__article=article)


def why_locked(thread_id: int) -> str:
    """The sentence in place of the reply box, or an empty one."""
    if Mark.objects.filter(pk=thread_id, locked_at__isnull=False).exists():
        return "A moderator closed this conversation to new replies. You can still read it."
    return ""

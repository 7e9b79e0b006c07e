"""One comment: its place, and each thing people can do with it."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from advocacy_site.ratelimits import minutes, rate_limit
from advocacy_site.reader_cache import reader_page

from .. import editing_time, following, panel, reacting, threads, writing
from ..forms import Words
from ..models import Comment, Reaction
from ..openness import of_thread, openness_of, why_not
from ..reading import (
    box_for,
    box_html,
    find_row,
    has_session,
    member_of,
    number,
    reader_of,
    sign_in_url,
)
from .answers import announce, form_that_keeps_words, members_only, see
from .conversations import refuse
from .posting import STALE, receive, write_page

REPLY = "community/comments/_reply.html"


def comments():
    return Comment.objects.under_public_articles().select_related("article")


def readable(pk: int, member):
    """A comment whose words this reader may read; anything else is not there."""
    if pk > threads.LAST_ID:
        raise Http404
    return get_object_or_404(comments().visible_to(member), pk=pk)


def own(pk: int, member):
    """A member's own comment, in whatever state; anyone else's is not there."""
    if pk > threads.LAST_ID:
        raise Http404
    return get_object_or_404(comments(), pk=pk, author=member)


def row_of(pk: int, member):
    row = threads.one(pk, member) if pk <= threads.LAST_ID else None
    if row is None:
        raise Http404
    return row


@require_safe
def comment(request, pk):
    """Open to everyone: lands where the comment stands, its branch open. htmx: the comment."""
    row = row_of(pk, member_of(request))
    found = get_object_or_404(comments(), pk=pk)
    if request.htmx:
        return as_comment(request, found)
    place, key = threads.place_on_pages(found)
    if place == "thread":
        address = f"{reverse('comments:thread', args=[row.thread_id])}?from={key}&comment={pk}"
    elif place == "page":
        address = f"{conversation_url(found)}?after={key}&comment={pk}"
    else:
        address = f"{found.article.get_absolute_url()}?comment={pk}"
    return redirect(f"{address}#c{pk}")


def conversation_url(comment) -> str:
    return reverse("comments:conversation", args=[comment.article.slug])


def as_comment(request, comment, *, focus=True, said=""):
    """The comment as its reader sees it now, to take the place of what was there."""
    row = row_of(comment.pk, member_of(request))
    here = f"{comment.article.get_absolute_url()}?"
    only = [threads.Thread(row.thread_id, [row])]
    reader = reader_of(request, only, here, openness_of(comment.article))
    reader.focused = row.id if focus else None
    answered = comment.parent.author if comment.parent_id else None
    return announce(HttpResponse(panel.comment_html(row, reader, answered)), said)


@reader_page
@require_safe
def thread(request, pk):
    """Open to everyone: one long conversation on a page of its own."""
    root = get_object_or_404(comments(), pk=pk if pk <= threads.LAST_ID else 0, parent=None)
    member = member_of(request)
    row_of(pk, member)
    start = number(request.GET.get("from"))
    path = start and get_object_or_404(Comment, pk=start, thread_id=pk).path
    found, beyond = threads.page_of_thread(root, member, start=path)
    openness = openness_of(root.article)
    here = f"{request.path}?{f'from={start}&' if start else ''}"
    reader = reader_of(request, [found], here, openness)
    answered = find_row([found], reader.reply_to)
    if answered is not None and answered.html is not None and root.pk not in reader.locked:
        box = box_for(request, root.article, openness, parent=answered, focus=True)
        reader.reply_box = box_html(request, box, REPLY)
    context = {
        "article": root.article,
        "root": root,
        "threads_html": panel.threads_html([found], reader) if found.rows else "",
        "more": f"{request.path}?from={beyond}" if beyond else "",
        "is_first": start is None,
        "member": member,
        "has_session": has_session(request),
        "url": conversation_url(root),
    }
    if request.htmx:
        return render(request, "community/comments/_threads.html", context | {"focus_first": True})
    return render(request, "community/comments/thread.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@form_that_keeps_words
def reply(request, pk):
    """Open to everyone, like writing a comment. The article is the parent's: none can be forged."""
    parent = readable(pk, None)
    row = row_of(pk, None)
    openness = of_thread(openness_of(parent.article), parent.thread_id)
    if not openness.is_open:
        return refuse(request, parent.article, openness, row)

    def hand_back(box):
        if request.htmx:
            return render(request, REPLY, {"box": box})
        return write_page(request, parent.article, box)

    if request.method == "POST":
        return receive(request, parent.article, openness, row, hand_back, show_thread_of(request))
    box = box_for(request, parent.article, openness, parent=row, focus=True)
    if not request.htmx:
        return hand_back(box)
    reader = reader_of(
        request,
        [threads.Thread(row.thread_id, [row])],
        f"{parent.article.get_absolute_url()}?",
        openness,
    )
    reader.reply_to, reader.reply_box = pk, box_html(request, box, REPLY)
    name = panel.escape(row.author.display_name) if row.author else "a former member"
    return HttpResponse(panel.acts_html(row, reader, name))


def show_thread_of(request):
    """After a reply: its whole thread again, with the new comment in view and in focus."""

    def show(comment):
        if (request.htmx.current_url or "").split("?")[0].endswith("/reply/"):
            # A page of its own: no thread stands on it that could be swapped.
            return HttpResponse(headers={"HX-Redirect": comment.get_absolute_url()})
        root = Comment.objects.get(pk=comment.thread_id)
        page = threads.page_of_threads(
            comment.article_id, request.user, start=comment.thread_id + 1
        )
        found = next((t for t in page.threads if t.id == root.pk), None)
        if found is None or find_row([found], comment.pk) is None:
            return HttpResponse(headers={"HX-Redirect": comment.get_absolute_url()})
        here = f"{comment.article.get_absolute_url()}?"
        reader = reader_of(request, [found], here, openness_of(comment.article))
        reader.focused = comment.pk
        html = panel.thread_html(found, reader)
        return HttpResponse(html, headers={"HX-Retarget": f"#t{root.pk}", "HX-Reswap": "outerHTML"})

    return show


@require_http_methods(["GET", "HEAD", "POST"])
@form_that_keeps_words
@never_cache
def edit(request, pk):
    """The writer, for 15 minutes."""
    if not request.user.is_authenticated:
        return sign_in_first(request, pk)
    comment = readable(pk, request.user)
    if comment.author_id != request.user.pk:
        raise Http404
    is_late = not writing.can_edit(comment, request.user)
    words = Words(text=comment.source, content_note=comment.content_note)
    if request.method == "POST":
        words = Words.sent_by(request.POST)
        if "preview" in request.POST:
            words.preview()
        elif not request.token_is_good:
            words.errors["text"] = STALE
        elif is_late:
            words.errors["text"] = (
                f"A comment can be changed for {editing_time.EDIT_FOR_IN_WORDS}. "
                "Copy your words and write a reply instead."
            )
        elif in_the_way := why_not_change(comment, request.user):
            words.errors["text"] = f"{in_the_way} Copy your words if you want to keep them."
        elif words.check():
            writing.edit(comment, source=words.text, content_note=words.content_note)
            if request.htmx:
                return as_comment(request, comment, said="Your comment is changed.")
            return see(comment.get_absolute_url())
    template = "_edit.html" if request.htmx else "edit.html"
    context = {"comment": comment, "words": words, "is_late": is_late, "article": comment.article}
    return render(request, f"community/comments/{template}", context)


def why_not_change(comment, member) -> str:
    """Changing and bringing back are publishing: who may not write, or no longer here, may not.
    Deleting stays open to everyone."""
    openness = of_thread(openness_of(comment.article), comment.thread_id)
    return why_not(member) or openness.closed


def sign_in_first(request, pk):
    """The session ended while somebody was writing: the words come back, with a way in that
    leaves them where they are. Nothing of the comment is shown, whatever it is.
    """
    address = sign_in_url(reverse("comments:edit", args=[pk]))
    if request.method != "POST":
        return HttpResponse(headers={"HX-Redirect": address}) if request.htmx else redirect(address)
    template = "_edit.html" if request.htmx else "edit.html"
    context = {
        "comment": Comment(pk=pk),
        "words": Words.sent_by(request.POST),
        "sign_in": sign_in_url(reverse("members:account")),
    }
    return render(request, f"community/comments/{template}", context)


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def delete(request, pk):
    """The writer, at any time. The place stays; the words can come back for a day."""
    comment = own(pk, request.user)
    if request.method != "POST":
        readable(pk, request.user)
        context = {"comment": comment, "article": comment.article}
        return render(request, "community/comments/delete.html", context)
    is_deleted = writing.delete(comment)
    if request.htmx:
        said = "Your comment is deleted. You can bring it back." if is_deleted else ""
        return as_comment(request, comment, said=said or "Nothing changed.")
    return see(comment.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def undo(request, pk):
    """The writer: brings a deleted comment back, or the words before the last change."""
    comment = own(pk, request.user)
    if request.method != "POST":
        context = {"comment": comment, "article": comment.article}
        return render(request, "community/comments/undo.html", context)
    said = why_not_change(comment, request.user)
    if said:
        pass
    elif writing.can_bring_back(comment, request.user):
        said = "Your comment is back." if writing.undo_delete(comment) else ""
    elif writing.can_edit(comment, request.user):
        said = "The earlier words are back." if writing.undo_edit(comment) else ""
    if request.htmx:
        return as_comment(request, comment, said=said or "Nothing changed.")
    return see(comment.get_absolute_url())


@require_POST
@members_only
@rate_limit("react", to=120, per=minutes(10), by=lambda request: f"member-{request.user.pk}")
def reaction(request, pk):
    """Members: say "I'm here too" or "Thank you", or take it back."""
    comment = readable(pk, None)
    if request.POST.get("kind") not in Reaction.Kind.values:
        raise Http404
    kind = Reaction.Kind(request.POST["kind"])
    is_said = reacting.press(comment, request.user, kind)
    if not request.htmx:
        return see(comment.get_absolute_url())
    row = row_of(pk, request.user)
    only = [threads.Thread(row.thread_id, [row])]
    here = f"{comment.article.get_absolute_url()}?"
    reader = reader_of(request, only, here, openness_of(comment.article))
    name = panel.escape(row.author.display_name) if row.author else "A former member"
    html = panel.acts_html(row, reader, name).replace(
        f'value="{kind}"', f'value="{kind}" data-focus', 1
    )
    return announce(HttpResponse(html), f"{kind.label}: {'said' if is_said else 'taken back'}.")


@require_POST
@members_only
def follow_thread(request, pk):
    """Members: hear of replies in this conversation, or stop."""
    root = readable(pk, None)
    is_followed = following.toggle(request.user, thread_id=root.thread_id)
    if not request.htmx:
        return see(root.get_absolute_url())
    said = "You follow this conversation." if is_followed else "You no longer follow it."
    return as_comment(request, root, said=said)

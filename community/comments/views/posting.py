"""What happens to words that were sent: looked at, kept, posted, or handed back."""

from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from advocacy_site.client_address import client_address
from advocacy_site.ratelimits import allow, minutes

from .. import drafts, writing
from ..forms import Words
from ..models import Comment, Draft, Hold
from ..moderation import HELD_NOTE
from ..reading import Box, box_for, member_of
from .answers import announce, see

STALE = "Press the button once more. This page was open for a long time. Your words are all here."
TOO_MANY = (
    "Many comments came from here in a short time. Wait a few minutes, then press the button "
    "again. Your words are all here."
)


def receive(request, article, openness, parent, hand_back, show):
    """A comment or a reply was sent. ``hand_back(box)`` gives the box with its sentences again,
    ``show(comment)`` answers htmx with the place the new comment stands in.
    """
    words = Words.sent_by(request.POST)
    box = box_for(request, article, openness, parent=parent, words=words)
    words.errors = {}
    if "preview" in request.POST:
        words.preview()
        return hand_back(box)
    if not request.token_is_good:
        words.errors["text"] = STALE
        return hand_back(box)
    if "save" in request.POST and box.member:
        return save(request, box, article, parent)
    words.check(called="reply" if parent else "comment")
    # Made for a member whose session has ended since: she ticked, or will, on the other side.
    was_member = box.member is None and bool(words.made)
    must_accept = box.must_accept and not was_member
    if not words.check_accepted(openness.rules, must_accept=must_accept):
        return hand_back(box)
    if box.not_now:
        return save(request, box, article, parent)
    if box.member is None:
        rules = None if was_member else openness.rules
        kept = keep_for_guest(request, words, article, parent, rules)
        return kept or not_so_many(request, box, hand_back)
    if not may_post_now(request, box.member):
        keep(box, article, parent)
        return not_so_many(request, box, hand_back)
    try:
        comment, _ = writing.post(
            author=box.member,
            article=article,
            parent=parent and Comment.objects.get(pk=parent.id),
            source=words.text,
            content_note=words.content_note,
            rules=openness.rules,
            form_id=words.uuid,
            signs=words.signs(box.member),
        )
    except writing.AccountClosed:
        kept = keep_after_closing(request, words, article, parent)
        return kept or not_so_many(request, box, hand_back)
    if request.htmx:
        return announce(show(comment), what_happened(comment))
    return see(comment.get_absolute_url())


def not_so_many(request, box: Box, hand_back) -> HttpResponse:
    """Past a limit the box comes back with the words in it; htmx shows no answer but a good one."""
    box.words.errors["text"] = TOO_MANY
    response = hand_back(box)
    if not request.htmx:
        response.status_code = 429
    return response


def may_post_now(request, member) -> bool:
    """Twenty comments in ten minutes for a member, sixty for a network: a hospital is one."""
    return allow("comment", f"member-{member.pk}", to=20, per=minutes(10)) and allow(
        "comment-network", client_address(request), to=60, per=minutes(10)
    )


def what_happened(comment: Comment) -> str:
    if comment.state == Comment.State.HELD:
        return f"Your comment is kept. {HELD_NOTE}"
    return "Your comment is posted. You can change it for 15 minutes."


def keep(box: Box, article, parent) -> Draft:
    return drafts.save_for(
        box.member,
        article=article,
        parent=parent and Comment.objects.get(pk=parent.id),
        source=box.words.text,
        content_note=box.words.content_note[:80],
    )


def save(request, box: Box, article, parent) -> HttpResponse:
    """Save for later, whatever state the words are in; only nothing at all is not kept."""
    if not box.words.text:
        return see(article.get_absolute_url(), "#write")
    keep(box, article, parent)
    address = reverse("comments:drafts")
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": address})
    return see(address)


def keep_after_closing(request, words: Words, article, parent) -> HttpResponse | None:
    """What her next page would have found: nobody is signed in, and the words are kept as any
    visitor's are."""
    logout(request)
    return keep_for_guest(request, words, article, parent, None)


def keep_for_guest(request, words: Words, article, parent, rules) -> HttpResponse | None:
    """Keep the words on this side of signing in; they are posted after one more press. None
    past the limit, which is that of a network: a ward shares it.
    """
    if not allow("guest-draft", client_address(request), to=60, per=minutes(10)):
        return None
    response = see("/")
    key = drafts.give_key(request, response)
    draft = drafts.save_for_guest(
        key,
        article=article,
        parent=parent and Comment.objects.get(pk=parent.id),
        source=words.text,
        content_note=words.content_note,
        rules=rules,
    )
    address = reverse("comments:draft", args=[draft.pk])
    if request.htmx:
        response.status_code = 200
        response["HX-Redirect"] = address
        del response["Location"]
    else:
        response["Location"] = address
    return response


def post_draft(request, draft: Draft, openness, words: Words) -> HttpResponse | None:
    """The one more press: the draft becomes a comment, and is gone. The press may be quick: the
    words were written before. None past the limit: nothing happened.
    """
    parent, member = draft.parent, member_of(request)
    if not may_post_now(request, member):
        return None
    try:
        comment, _ = writing.post(
            author=member,
            article=draft.article,
            parent=parent,
            source=words.text,
            content_note=words.content_note,
            rules=openness.rules,
            form_id=draft.pk,
            signs=[Hold.Reason.PROGRAM] if words.website else [],
        )
    except writing.AccountClosed:
        return keep_after_closing(request, words, draft.article, parent)
    Draft.objects.filter(pk=draft.pk).delete()
    return see(comment.get_absolute_url())


def write_page(request, article, box: Box, *, status=200):
    """The box on a page of its own."""
    context = {"article": article, "box": box, "openness": box.openness}
    return render(request, "community/comments/write.html", context, status=status)

"""What the conversation hands to a member who asks, and how it lets go of one who leaves."""

from collections.abc import Iterable

from django.utils import timezone

from .models import (
    Comment,
    CommentVersion,
    Draft,
    Follow,
    Hold,
    LastVisit,
    MemberHold,
    Notice,
    NoticeSettings,
    Reaction,
    Report,
)
from .moderation import find_the_latest
from .reading import number

PART = "comments"
LISTED = 50


def comments_of(member) -> Iterable[dict]:
    mine = Comment.objects.filter(author=member).select_related("article").order_by("pk")
    for comment in mine.iterator():
        yield {
            "Written on": comment.created_at,
            "Under": comment.article.title,
            "Address": comment.get_absolute_url(),
            "Your words": comment.source,
            "Content note": comment.content_note,
            "Changed on": comment.edited_at,
            "State": comment.get_state_display(),
            "Rules in force": comment.rules_id and str(comment.rules),
        }


def earlier_texts_of(member) -> Iterable[dict]:
    for version in CommentVersion.objects.filter(comment__author=member).order_by("pk").iterator():
        yield {
            "Address": f"/comments/{version.comment_id}/",
            "Your words": version.source,
            "Content note": version.content_note,
            "Replaced on": version.replaced_at,
        }


def drafts_of(member) -> Iterable[dict]:
    for draft in Draft.objects.filter(member=member).select_related("article"):
        yield {
            "Saved on": draft.saved_at,
            "Under": draft.article.title,
            "In reply to": draft.parent_id and f"/comments/{draft.parent_id}/",
            "Your words": draft.source,
            "Content note": draft.content_note,
        }


def reactions_of(member) -> Iterable[dict]:
    for reaction in Reaction.objects.filter(member=member).order_by("pk"):
        yield {
            "What": reaction.get_kind_display(),
            "To": f"/comments/{reaction.comment_id}/",
            "When": reaction.at,
        }


def notices_of(member) -> Iterable[dict]:
    for notice in Notice.objects.filter(member=member).order_by("pk"):
        yield {
            "What": f"Somebody {notice.get_kind_display()}",
            "Where": f"/comments/{notice.comment_id}/",
            "When": notice.at,
            "Read on": notice.read_at,
            "Mailed on": notice.mailed_at,
        }


def notice_settings_of(member) -> Iterable[dict]:
    for choice in NoticeSettings.objects.filter(member=member):
        yield {
            "Mail about replies": choice.get_mail_display(),
            "Quiet from (hour)": choice.quiet_from,
            "Quiet until (hour)": choice.quiet_to,
            "Your time zone": choice.time_zone,
            "Last mail on": choice.mailed_at,
        }


def following_of(member) -> Iterable[dict]:
    for follow in Follow.objects.filter(member=member).select_related("article").order_by("pk"):
        yield {
            "What": "Muted" if follow.muted_at else "Followed",
            "Article": follow.article and follow.article.title,
            "Conversation": follow.thread_id and f"/comments/{follow.thread_id}/",
            "Since": follow.since,
        }


def visits_of(member) -> Iterable[dict]:
    for visit in LastVisit.objects.filter(member=member).select_related("article"):
        yield {"Article": visit.article.title, "Last visit": visit.at}


def holds_of(member) -> Iterable[dict]:
    """When a comment waited and why; which word it was is for moderators."""
    for hold in Hold.objects.filter(comment__author=member).order_by("pk").iterator():
        yield {
            "Address": f"/comments/{hold.comment_id}/",
            "Waited from": hold.made_at,
            "Until": hold.settled_at,
            "Because": hold.in_words,
        }


def reports_of(member) -> Iterable[dict]:
    """What the member reported. What others reported about the member stays with moderators."""
    for report in Report.objects.filter(reporter=member).order_by("pk").iterator():
        yield {
            "Reported on": report.created_at,
            "About": f"/comments/{report.comment_id}/" if report.comment_id else "a profile",
            "Reason": report.get_reason_display(),
            "Your words": report.words,
            "Outcome by mail": report.wants_mail,
            "Decided on": report.settled_at,
            "Outcome": report.outcome,
        }


EXPORTS = {
    "Comments": comments_of,
    "Earlier texts of your comments": earlier_texts_of,
    "Drafts": drafts_of,
    "Reactions": reactions_of,
    "Notices": notices_of,
    "Mail about replies": notice_settings_of,
    "Followed and muted": following_of,
    "Last visits": visits_of,
    "Comments that waited for a moderator": holds_of,
    "Reports you sent": reports_of,
}


def erase(member, parting) -> None:
    """Let go of a member who leaves. What stays is by "a former member"; the name of a writer is
    never kept in a comment's HTML, so no other text holds it.
    """
    CommentVersion.objects.filter(comment__author=member).delete()
    for model in (Draft, Reaction, Notice, Follow, LastVisit):
        model.objects.filter(member=member).delete()
    mine = Comment.objects.filter(author=member)
    touched = set(mine.values_list("article_id", flat=True))
    removed = [pk for pk in mine.values_list("pk", flat=True) if parting.removes(PART, pk)]
    Comment.objects.filter(pk__in=removed).update(
        source="", html="", content_note="", state_reason="", state_at=timezone.now(),
        state=Comment.State.DELETED, broken_rule=None,
    )  # fmt: skip
    # Words that nobody but the writer could still read have no reader left.
    mine.filter(state=Comment.State.DELETED).update(source="", html="", content_note="")
    Comment.objects.filter(state_by=member).update(state_by=None)
    # The reason of a report stays for the moderators; its words may name who wrote them.
    Report.objects.filter(reporter=member).update(
        reporter=None, words="", wants_mail=False, key=None
    )
    Report.objects.filter(member=member).delete()
    Report.objects.filter(comment__author=member).update(words="")
    MemberHold.objects.filter(by=member).update(by=None)
    # They quote what was found in the words.
    holds = Hold.objects.filter(comment__author=member)
    holds.update(detail="")
    holds.waiting().exclude(comment__state=Comment.State.HELD).update(settled_at=timezone.now())
    mine.update(author=None, form_id=None)
    for article_id in sorted(touched):
        find_the_latest(article_id)  # what was the newest may be gone


def words_to_choose_from(member, after) -> list:
    from community.members.personal_data import Words

    mine = Comment.objects.filter(author=member).exclude(source="").select_related("article")
    if key := number(after):
        mine = mine.filter(pk__gt=key)
    return [
        Words(key=str(c.pk), text=c.source, where=c.article.title, at=c.created_at)
        for c in mine.order_by("pk")[:LISTED]
    ]

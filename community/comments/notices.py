"""Telling members what was written to them: a list on the site, and mail where they chose it."""

import smtplib
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from advocacy_site.mail import AUTO_SUBMITTED
from community.members.mailing import MailNotSent
from community.members.models import Ignore

from .models import Comment, Follow, Notice, NoticeSettings

MUTE_SALT = "mute-thread"
MOST_IN_A_MAIL = 20
BETWEEN_MAILS = {
    NoticeSettings.Mail.AT_ONCE: timedelta(0),
    NoticeSettings.Mail.DAILY: timedelta(hours=23),
    NoticeSettings.Mail.WEEKLY: timedelta(days=6, hours=23),
}


def tell_about(comment_id: int) -> int:
    """Make the notices about a comment; tell how many are new. Safe to repeat."""
    comment = (
        Comment.objects.filter(pk=comment_id, state=Comment.State.VISIBLE)
        .select_related("parent")
        .first()
    )
    if comment is None:
        return 0
    follows = Follow.objects.filter(
        Q(thread_id=comment.thread_id) | Q(article_id=comment.article_id),
        member__is_active=True,
        member__remembered_at=None,
    ).values_list("member_id", "thread_id", "muted_at")
    kinds = {}
    for member_id, thread_id, muted_at in follows:
        if not muted_at:
            found = Notice.Kind.THREAD if thread_id else Notice.Kind.ARTICLE
            if kinds.get(member_id) != Notice.Kind.THREAD:
                kinds[member_id] = found
    answered = comment.parent and comment.parent.author
    if answered and answered.is_active and not answered.remembered_at:
        kinds[answered.pk] = Notice.Kind.REPLY
    # Whom a member chose not to see is not heard of either.
    ignoring = set(
        Ignore.objects.filter(ignored_id=comment.author_id, member__in=kinds).values_list(
            "member_id", flat=True
        )
    )
    muted = ignoring | {member_id for member_id, _, muted_at in follows if muted_at}
    told = [
        Notice(member_id=member_id, comment=comment, kind=kind)
        for member_id, kind in kinds.items()
        if member_id != comment.author_id and member_id not in muted
    ]
    before = Notice.objects.filter(comment=comment).count()
    Notice.objects.bulk_create(told, ignore_conflicts=True, batch_size=1000)
    send_to_all(kinds, only=NoticeSettings.Mail.AT_ONCE)
    return Notice.objects.filter(comment=comment).count() - before


def unread_count(member, most=100) -> int:
    return Notice.objects.filter(member=member, read_at=None)[:most].count()


def notices_of(member):
    """What may still be read: a comment taken down since takes its notice with it."""
    visible = Comment.objects.visible_to(None).under_public_articles().values("pk")
    return (
        Notice.objects.filter(member=member, comment__in=visible)
        .select_related("comment__author", "comment__article")
        .defer("comment__article__body", "comment__article__body_html")
        .order_by("-pk")
    )


def mark_read(member) -> int:
    return Notice.objects.filter(member=member, read_at=None).update(read_at=timezone.now())


def is_quiet(choice: NoticeSettings, now: datetime) -> bool:
    """Whether it is quiet time where the member lives."""
    hour = now.astimezone(ZoneInfo(choice.time_zone)).hour
    start, end = choice.quiet_from, choice.quiet_to
    return start <= hour < end if start <= end else hour >= start or hour < end


def send_due() -> int:
    """Mail everyone whose time has come; tell how many mails went out."""
    wanting = NoticeSettings.objects.exclude(mail=NoticeSettings.Mail.OFF).filter(
        member__notices__mailed_at=None, member__notices__read_at=None
    )
    members = wanting.values_list("pk", flat=True).distinct()
    return send_to_all(members.iterator())


def send_to_all(member_ids, *, only=None) -> int:
    """Mail each, whatever became of the one before; tell how many mails went out.

    What could not be sent is raised once, at the end, as ``MailNotSent``: it waits, and is tried
    again with the next round.
    """
    sent, failed = 0, None
    for member_id in member_ids:
        try:
            sent += send_to(member_id, only=only)
        except MailNotSent as error:
            failed = error
    if failed:
        raise failed
    return sent


def send_to(member_id: int, *, only=None) -> bool:
    """One mail with what this member has not heard of, if she wants it now.

    Marked as mailed in the same transaction that sends: a second worker waits and finds nothing.
    """
    with transaction.atomic():
        choice = (
            NoticeSettings.objects.select_for_update(of=["self"])
            .select_related("member")
            .filter(pk=member_id)
            .exclude(mail=NoticeSettings.Mail.OFF)
            .first()
        )
        if choice is None or (only and choice.mail != only) or not _may_mail(choice):
            return False
        waiting = list(
            notices_of(choice.member).filter(mailed_at=None, read_at=None)[:MOST_IN_A_MAIL]
        )
        if not waiting:
            return False
        now = timezone.now()
        Notice.objects.filter(member_id=member_id, mailed_at=None).update(mailed_at=now)
        NoticeSettings.objects.filter(pk=member_id).update(mailed_at=now)
        _mail(choice.member, waiting)
    return True


def _may_mail(choice: NoticeSettings) -> bool:
    member, now = choice.member, timezone.now()
    if not member.is_active or member.remembered_at or member.mail_paused_at:
        return False
    if choice.mailed_at and now - choice.mailed_at < BETWEEN_MAILS[choice.mail]:
        return False
    return not is_quiet(choice, now)


def _mail(member, notices) -> None:
    """The subject names nobody and no topic: a locked phone shows it to anyone."""
    site = settings.SITE_URL
    lines = [
        {
            "notice": notice,
            "url": site + notice.comment.get_absolute_url(),
            "mute": site + reverse("comments:mute", args=[mute_token(member.pk, notice)]),
        }
        for notice in notices
    ]
    context = {
        "lines": lines,
        "member": member,
        "settings_url": site + reverse("comments:notice-settings"),
        "site_name": settings.SITE_NAME,
    }
    folder = "email/reply-notice"
    mail = EmailMultiAlternatives(
        subject=render_to_string(f"{folder}/subject.txt", context).strip(),
        body=render_to_string(f"{folder}/body.txt", context),
        to=[member.email],
        headers=_headers(context["settings_url"], lines),
    )
    mail.attach_alternative(render_to_string(f"{folder}/body.html", context), "text/html")
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused:
        return  # no such address any more; trying again would change nothing
    except (OSError, smtplib.SMTPException) as error:
        # The server's own answer holds the address, and a failed task keeps its whole story.
        raise MailNotSent(type(error).__name__) from None


def _headers(settings_url: str, lines: list[dict]) -> dict:
    """The way out that mail programs show: of the one conversation the mail is about, which
    needs no signing in, else the page where mail about replies is set.
    """
    mutes = {line["notice"].comment.thread_id: line["mute"] for line in lines}
    way_out = next(iter(mutes.values())) if len(mutes) == 1 else settings_url
    headers = {**AUTO_SUBMITTED, "List-Unsubscribe": f"<{way_out}>"}
    if len(mutes) == 1:  # a POST there does it (RFC 8058)
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def mute_token(member_id: int, notice: Notice) -> str:
    return signing.dumps([member_id, notice.comment.thread_id], salt=MUTE_SALT)


def read_mute_token(token: str) -> tuple[int, int] | None:
    """Never expires: a way out stays a way out."""
    try:
        member_id, thread_id = signing.loads(token, salt=MUTE_SALT)
    except (signing.BadSignature, ValueError):
        return None
    return member_id, thread_id

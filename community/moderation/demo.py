"""A queue that is not empty: made-up members, and two moderators for local use only."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import CommandError
from django.utils import timezone

from articles.models import Article
from community.comments import moderation, reports
from community.comments.demo import member
from community.comments.models import Comment, Hold
from community.comments.words import render
from community.comments.writing import path_below
from community.members.demo import account
from community.members.models import Member

from . import appeals, deciding, groups, rota
from .models import ModerationAct, Shift

LIVING, FAMILY = Member.Relation.LIVING, Member.Relation.FAMILY


def load(say):
    if not settings.ALLOW_DEMO_LOGINS:
        raise CommandError("Demonstration moderators are for local use only, not for production.")
    moderator = account("moderator@harbor.example", "Sam, a moderator")
    moderator.groups.add(Group.objects.get(name=groups.MODERATORS))
    lead = account("lead@harbor.example", "Ama, who leads")
    lead.groups.add(Group.objects.get(name=groups.LEADS))
    say("Logins: moderator@harbor.example and lead@harbor.example, password harbor-demo")
    if ModerationAct.objects.exists() or not Comment.objects.exists():
        return
    fill_the_queue(moderator, lead)
    say("Moderation: a queue of fictional comments, reports and an appeal")


def fill_the_queue(moderator, lead) -> None:
    nell, odile = member("Nell", LIVING), member("Odile", LIVING)
    rosa, gus = member("Rosa", LIVING), member("Gus", FAMILY)
    marisol = member("Marisol", LIVING)
    hold(
        write("who-is-counted", nell, "First time writing here. Hello to everyone who waits.", 22),
        Hold.Reason.FIRST,
    )
    hold(
        write("numb-fingers-small-buttons", odile, "The socks: https://example.org/socks", 65),
        Hold.Reason.LINK,
        "https://example.org/socks",
    )
    tired = write(
        "tired-is-not-lazy", rosa,
        "I do not know how much longer I can keep doing this. I am so tired.", 40,
    )  # fmt: skip
    write("tired-is-not-lazy", marisol, "I’m here. Do you want to talk it through?", 34, to=tired)
    reports.report(comment=tired, reason="worried", words="She sounds alone.", where="demo")
    advice = write("the-dose-conversation", gus, "You should all just stop the pills.", 180)
    reports.report(comment=advice, reason="advice", reporter=marisol)
    sold = write("follow-the-money", gus, "My cousin’s tea cured it, ask me for the price.", 600)
    act = decide(sold, moderator, rule=3, why="Offers a product, and a cure.")
    appeals.appeal(act.message, "I only wanted to say what helped us. I did not mean to sell.")
    now = timezone.now()
    Shift.objects.create(moderator=moderator, starts_at=now, ends_at=now + timedelta(hours=6))
    Shift.objects.create(
        moderator=lead, starts_at=now + timedelta(hours=6), ends_at=now + timedelta(hours=12)
    )
    rota.hand_over(lead, "Quiet night. Gus may write again about the tea.")


def write(slug, author, says, minutes, *, to=None) -> Comment:
    """A comment, so many minutes old."""
    comment = Comment.objects.create(
        article=Article.objects.get(slug=slug),
        author=author,
        parent=to,
        parent_path=path_below(to),
        source=says,
        created_at=timezone.now() - timedelta(minutes=minutes),
    )
    render(comment)
    comment.save()
    return comment


def hold(comment, reason, detail="") -> None:
    moderation.set_state(comment, Comment.State.HELD, because=[reason], reason=detail)
    Hold.objects.filter(comment=comment).update(made_at=comment.created_at)


def decide(comment, moderator, **more) -> ModerationAct:
    return deciding.decide(
        deciding.Decision(
            deed="hidden",
            by=moderator,
            comment=comment,
            seen=deciding.version_of(comment, comment.author),
            **more,
        )
    )

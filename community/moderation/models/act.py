"""The record: who decided what, when, why, by which rule, and what the writer was told.

Rows are only ever added (migration 0002). The database also sees to it that nobody decides
about herself, that an appeal is read by somebody else, and that whoever's words or rights an
act changes has a message saying so: it makes the ``Message`` itself.
"""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from community.comments.models import Comment


class What(models.TextChoices):
    ACCEPTED = "accepted", "Showed a held comment"
    KEPT = "kept", "Left as it is"
    EDITED = "edited", "Took out a detail"
    HIDDEN = "hidden", "Took a comment down"
    LOCKED = "locked", "Took a comment down and closed the conversation"
    WROTE = "wrote", "Wrote to the member"
    WARNED = "warned", "Warned the member"
    HELD_ALL = "held-all", "Reads everything first from now on"
    RELEASED = "released", "Stopped reading everything first"
    TRUSTED = "trusted", "Trusts the member: what she writes shows at once"
    PAUSED = "paused", "Paused the account"
    BANNED = "banned", "Closed the account for writing"
    LIFTED = "lifted", "Ended a pause or a ban"
    NOTED = "noted", "Put a note under a comment"
    UNNOTED = "unnoted", "Took a note away"
    CLOSED = "closed", "Closed the conversation under it, because of a reply"
    UNLOCKED = "unlocked", "Opened a conversation again"
    RESTORED = "restored", "Undid a decision after an appeal"
    UPHELD = "upheld", "Let a decision stand after an appeal"
    ASKED = "asked", "Asked another moderator"
    HANDED = "handed", "Handed over"
    ESCALATED = "escalated", "Wrote down a call for help"
    CHECKED = "checked", "Looked a second time"
    REMEMBERED = "remembered", "Set the member remembered"
    UNREMEMBER = "unremember", "Undid a memorial"


# Whoever these are about has words or rights changed, and is told.
TOLD = [
    What.ACCEPTED, What.EDITED, What.HIDDEN, What.LOCKED, What.WROTE, What.WARNED,
    What.HELD_ALL, What.RELEASED, What.TRUSTED, What.PAUSED, What.BANNED, What.LIFTED, What.NOTED,
    What.UNNOTED, What.CLOSED, What.RESTORED, What.UPHELD,
]  # fmt: skip
NEEDS_RULE = [
    What.EDITED, What.HIDDEN, What.LOCKED, What.WARNED, What.HELD_ALL, What.PAUSED, What.BANNED,
]  # fmt: skip
NEEDS_WHY = [*NEEDS_RULE, What.NOTED, What.LIFTED, What.RESTORED, What.UPHELD, What.ESCALATED]
ANSWERS = [What.RESTORED, What.UPHELD, What.CHECKED]
# What a member may appeal against, once.
APPEALABLE = [
    What.EDITED, What.HIDDEN, What.LOCKED, What.WARNED, What.HELD_ALL, What.PAUSED, What.BANNED,
    What.NOTED,
]  # fmt: skip
# These leave an item where it is.
PASSING = [What.ASKED, What.HANDED, What.ESCALATED]


def values(*groups):
    return [what.value for group in groups for what in group]


class Acts(models.QuerySet):
    def not_about(self, moderator):
        """All but those about herself: nobody reads who reported her, or what others noted."""
        return self.filter(Q(member=None) | ~Q(member=moderator))


class ModerationAct(models.Model):
    What = What

    class Source(models.TextChoices):
        REPORT = "report", "A reader reported it."
        PERSON = "person", "A moderator read it."
        LIST = "list", "Our rules for holding comments picked it out, then a moderator read it."
        APPEAL = "appeal", "You asked us to look again."

    class Line(models.TextChoices):
        WORRIED = "worried", "Worried"
        HELD = "held", "Held"
        REPORTS = "reports", "Reports"
        APPEALS = "appeals", "Appeals"

    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    what = models.CharField(max_length=10, choices=What)
    comment = models.ForeignKey(
        Comment, on_delete=models.PROTECT, null=True, related_name="moderation_acts"
    )
    # Of an act about a comment the database fills in its writer.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="moderation_acts",
    )
    answers = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="answered"
    )
    rule = models.PositiveSmallIntegerField(null=True)
    why = models.TextField(blank=True)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    told = models.TextField(blank=True)
    # What undoing needs and the texts do not say: "trusted_at" of a member who was trusted,
    # "content_note" and "content_note_now" of a comment.
    beside = models.JSONField(default=dict, db_default={})
    until = models.DateTimeField(null=True)
    source = models.CharField(max_length=8, choices=Source, default=Source.PERSON)
    line = models.CharField(max_length=8, choices=Line, blank=True)
    waiting_since = models.DateTimeField(null=True)
    # Somebody was worried: one more moderator looks at what was decided.
    needs_check = models.BooleanField(default=False)

    objects = Acts.as_manager()

    class Meta:
        verbose_name = "act of moderation"
        verbose_name_plural = "acts of moderation"
        permissions = [
            ("moderate", "Can work at the moderators' desk"),
            ("lead_moderation", "Can ban, and lead the moderators"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(member=None) | ~Q(told="") | ~Q(what__in=values(TOLD)),
                name="act_tells_whom_it_concerns",
            ),
            models.CheckConstraint(
                condition=Q(member=None) | ~Q(why="") | ~Q(what__in=values(NEEDS_WHY)),
                name="act_says_why",
            ),
            models.CheckConstraint(
                condition=Q(rule__range=(1, 99)) | Q(rule=None) & ~Q(what__in=values(NEEDS_RULE)),
                name="act_names_the_rule",
            ),
            models.CheckConstraint(
                condition=Q(by=None) | Q(member=None) | ~Q(by=F("member")),
                name="act_is_not_about_oneself",
            ),
            models.CheckConstraint(
                condition=Q(what="paused", until__isnull=False) | ~Q(what="paused"),
                name="act_pause_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(answers__isnull=False) | ~Q(what__in=values(ANSWERS)),
                name="act_answers_something",
            ),
            models.UniqueConstraint(
                fields=["answers"],
                condition=Q(what__in=["restored", "upheld"]),
                name="act_appeal_decided_once",
            ),
            models.UniqueConstraint(
                fields=["answers"], condition=Q(what="checked"), name="act_checked_once"
            ),
        ]
        indexes = [
            models.Index(fields=["comment", "-id"], name="act_of_comment"),
            models.Index(fields=["member", "-id"], name="act_of_member"),
            models.Index(fields=["by", "-id"], name="act_by"),
            models.Index(fields=["at"], name="act_at"),
            models.Index(fields=["id"], name="act_to_check", condition=Q(needs_check=True)),
            GinIndex(
                SearchVector("why", "before", "after", "told", config="english"),
                name="act_words",
            ),
        ]

    def __str__(self):
        return f"{self.get_what_display()}, {self.at:%Y-%m-%d}"

    @property
    def may_be_appealed(self) -> bool:
        return self.what in APPEALABLE


class Message(models.Model):
    """What a member was told, as it reaches her: on the site, and by mail. Made by the database."""

    act = models.OneToOneField(
        ModerationAct, on_delete=models.PROTECT, primary_key=True, related_name="message"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="moderation_messages"
    )
    must_acknowledge = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    # When the text was sent again into its place.
    sent_again_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["member", "-act"], name="message_of_member"),
            models.Index(
                fields=["member"],
                name="message_to_acknowledge",
                condition=Q(must_acknowledge=True, acknowledged_at=None),
            ),
            models.Index(fields=["act"], name="message_to_mail", condition=Q(mailed_at=None)),
        ]

    def __str__(self):
        return f"Message about act {self.act_id}"

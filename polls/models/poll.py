"""A question with its choices, and where it is asked."""

from datetime import date, time, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from articles.models import Article, Picture

# More than eight answers cannot be weighed by a tired reader; design: 2 to 8.
MOST_CHOICES = 8


class PollQuerySet(models.QuerySet):
    def visible(self):
        """What every reader may see now: open or closed, never a draft or a later one."""
        return self.filter(opens_at__lte=timezone.now())

    def open(self):
        now = timezone.now()
        return self.visible().filter(Q(closes_at=None) | Q(closes_at__gt=now))

    def featured(self):
        """The community poll of this minute: one at most, by a constraint."""
        return self.open().filter(is_featured_now())

    def featured_between(self, start, end):
        """Featured at some moment from ``start`` to before ``end`` (None: for ever)."""
        until = Q() if end is None else Q(featured_from__lt=end)
        ends = Q(featured_until=None) | Q(featured_until__gt=start)
        return self.filter(until & ends, featured_from__isnull=False)

    def newest_first(self):
        return self.order_by("-opens_at", "-pk")


def is_featured_now(prefix: str = "") -> Q:
    now = timezone.now()
    return Q(**{f"{prefix}featured_from__lte": now}) & (
        Q(**{f"{prefix}featured_until": None}) | Q(**{f"{prefix}featured_until__gt": now})
    )


class Poll(models.Model):
    class Kind(models.TextChoices):
        THIS_OR_THAT = "this-or-that", "This or That (exactly two)"
        ONE = "one", "Pick one"
        SEVERAL = "several", "Pick several"

    kind = models.CharField(max_length=12, choices=Kind, default=Kind.THIS_OR_THAT)
    slug = models.SlugField(
        max_length=80,
        unique=True,
        help_text="The address: /polls/slug/. In a text, a line [[poll:slug]] is its place.",
    )
    question = models.CharField(
        max_length=140, help_text="One idea, no blame, nothing about prognosis."
    )
    context = models.CharField(
        "line under the question",
        max_length=250,
        blank=True,
        help_text="What a reader should know before choosing.",
    )
    min_choices = models.PositiveSmallIntegerField(
        "at least", default=1, help_text="Only for “Pick several”."
    )
    max_choices = models.PositiveSmallIntegerField(
        "at most", default=1, help_text="Only for “Pick several”."
    )
    note = models.CharField(
        max_length=250,
        blank=True,
        help_text="Shown with the results. Say here what has changed since people voted.",
    )
    opens_at = models.DateTimeField(
        null=True, blank=True, help_text="Empty: a draft. In the future: it opens at that minute."
    )
    closes_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="From this minute nobody can vote; 00:00 is the end of the day before. "
        "Empty: stays open.",
    )
    featured_from = models.DateTimeField(
        null=True,
        blank=True,
        help_text="The community poll: on the home page and at the foot of every article.",
    )
    featured_until = models.DateTimeField(
        null=True, blank=True, help_text="Empty: until you write a moment here. One at a time."
    )
    articles = models.ManyToManyField(
        Article, through="Placement", related_name="polls", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    # Counted up by a trigger when the question or a choice is reworded; a vote names it.
    wording = models.PositiveIntegerField(default=1, editable=False)

    objects = PollQuerySet.as_manager()

    class Meta:
        ordering = ["-opens_at", "-pk"]
        indexes = [
            models.Index(F("opens_at").desc(), F("id").desc(), name="poll_newest_first"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
                name="poll_slug_can_be_placed",
                violation_error_message="In the address use small letters, digits and hyphens.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["this-or-that", "one"], min_choices=1, max_choices=1)
                | Q(
                    kind="several",
                    min_choices__gte=1,
                    max_choices__gte=F("min_choices"),
                    max_choices__lte=MOST_CHOICES,
                ),
                name="poll_how_many_choices",
                violation_error_message=(
                    "“At least” and “at most” are for “Pick several”, and “at most” is the larger."
                ),
            ),
            models.CheckConstraint(
                condition=Q(closes_at=None) | Q(closes_at__gt=F("opens_at")),
                name="poll_closes_after_it_opens",
                violation_error_message="A poll closes after it opens. Write a later moment.",
            ),
            models.CheckConstraint(
                condition=Q(featured_until=None)
                | Q(featured_from__isnull=False, featured_until__gt=F("featured_from")),
                name="poll_featured_from_before_until",
                violation_error_message="Write from when it is featured, and a later end.",
            ),
            ExclusionConstraint(
                name="poll_one_featured_at_a_time",
                expressions=[
                    (
                        Func(
                            "featured_from",
                            "featured_until",
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    )
                ],
                condition=Q(featured_from__isnull=False),
                violation_error_message=(
                    "Another poll is featured then. Choose other dates, or end that one first."
                ),
            ),
        ]

    def __str__(self):
        return self.question

    def get_absolute_url(self):
        return reverse("polls:poll", args=[self.slug])

    @property
    def is_visible(self) -> bool:
        """The instance twin of ``visible()``."""
        return self.opens_at is not None and self.opens_at <= timezone.now()

    @property
    def is_closed(self) -> bool:
        return self.closes_at is not None and self.closes_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        """The instance twin of ``open()``."""
        return self.is_visible and not self.is_closed

    @property
    def is_featured(self) -> bool:
        """The instance twin of ``featured()``."""
        now = timezone.now()
        begun = self.featured_from is not None and self.featured_from <= now
        return begun and self.is_open and (self.featured_until is None or self.featured_until > now)

    @property
    def last_day(self) -> date | None:
        """The last day with a moment in which one can vote: midnight ends the day before."""
        return self.closes_at and timezone.localdate(self.closes_at - timedelta(microseconds=1))

    @property
    def closing_words(self) -> str:
        """When an open poll closes, as a sentence; with the hour where the day does not end it."""
        day = date_format(self.last_day, "l, F j, Y")
        at = timezone.localtime(self.closes_at)
        if at.time() == time():
            return f"Open to the end of {day}."
        return f"Closes on {day}, at {date_format(at, 'P T')}."

    @property
    def state(self) -> str:
        if self.opens_at is None:
            return "draft"
        if not self.is_visible:
            return "scheduled"
        return "closed" if self.is_closed else "open"

    @property
    def is_this_or_that(self) -> bool:
        return self.kind == self.Kind.THIS_OR_THAT

    @property
    def is_several(self) -> bool:
        return self.kind == self.Kind.SEVERAL

    @property
    def label(self) -> str:
        """What stands above the question."""
        if self.is_featured:
            return "Community poll"
        return "This or That" if self.is_this_or_that else "Poll"

    @property
    def has_votes(self) -> bool:
        return self.pk is not None and self.ballots.exists()


class Choice(models.Model):
    """An answer. Its position is what ballots name; a trigger locks both once votes exist."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="choices")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=120)
    picture = models.ForeignKey(
        Picture, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    follow_text = models.CharField(
        "after this answer, offer",
        max_length=80,
        blank=True,
        help_text="For example: “Take the survey”. Empty: nothing.",
    )
    follow_url = models.CharField(
        "which leads to",
        max_length=300,
        blank=True,
        help_text="A place on this site (/articles/…) or a whole address (https://…).",
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["poll", "position"], name="choice_position_once"),
            models.UniqueConstraint(
                fields=["poll", "text"],
                name="choice_text_once",
                violation_error_message="Write each choice only once.",
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MOST_CHOICES),
                name="choice_position_in_bounds",
            ),
            models.CheckConstraint(
                condition=Q(follow_text="", follow_url="")
                | ~Q(follow_text="") & Q(follow_url__regex=r"^(/([^/\\].*)?|https://[^/\s]+.*)$"),
                name="choice_follow_up_is_whole",
                violation_error_message=(
                    "A follow-up needs words and an address that starts with / or https://."
                ),
            ),
        ]

    def __str__(self):
        return self.text


class Placement(models.Model):
    """A poll in an article: at its place in the text, or after the text.

    The rows of polls inside texts follow the texts by themselves (see ``placing``).
    """

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="placements")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="poll_placements")
    in_text = models.BooleanField(default=False, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "poll"], name="poll_placed_once"),
        ]

    def __str__(self):
        return f"{self.poll} in {self.article}"

"""An article and the few rows that belong to it."""

import math

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Prefetch, Q
from django.urls import reverse
from django.utils import timezone

from advocacy_site.html import Prose, SafeHTMLField, picture_names, render_prose
from community.policies.models import PolicyVersion

from .contributor import Contributor
from .picture import Picture
from .topic import Topic

# Slow enough for a tired reader; the usual 250 flatters.
WORDS_A_MINUTE = 200


MOST_KEY_POINT_CHARACTERS = 300


def validate_key_points(text: str) -> None:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 20 or any(len(line) > MOST_KEY_POINT_CHARACTERS for line in lines):
        raise ValidationError(
            f"Write at most 20 key points of {MOST_KEY_POINT_CHARACTERS} characters or fewer."
        )


class ArticleQuerySet(models.QuerySet):
    def published(self):
        """What every reader may see now. Asks the clock, so a schedule needs no job."""
        now = timezone.now()
        return self.filter(published_at__lte=now).exclude(withdraw_at__lte=now)

    def newest_first(self):
        return self.order_by("-published_at", "-pk")

    def for_cards(self):
        """With what a card shows, at three queries whatever the number of cards."""
        return (
            self.defer_texts()
            .select_related("hero")
            .prefetch_related(with_topics(), with_contributors())
        )

    def defer_texts(self):
        """Leave out what a card has no use for; an article may weigh 100 KB."""
        return self.defer("body", "body_html", "sources_html", "contents", "key_points")


class Article(models.Model):
    class ContentNote(models.TextChoices):
        DEATH = "death", "death and dying"
        PROGRESSION = "progression", "progression"
        HOSPICE = "hospice", "hospice"
        PREGNANCY = "pregnancy", "pregnancy"
        SURVIVAL = "survival", "survival figures"
        TREATMENT = "treatment", "graphic treatment details"

    class Focus(models.TextChoices):
        CENTER = "center", "Center"
        LEFT = "left", "Left"
        RIGHT = "right", "Right"
        TOP = "top", "Top"
        BOTTOM = "bottom", "Bottom"

    title = models.CharField(max_length=120, blank=True)
    slug = models.SlugField(
        max_length=120,
        unique=True,
        help_text="The address: /articles/slug/. After a change the old address leads here.",
    )
    standfirst = models.CharField(
        max_length=250, blank=True, help_text="One or two sentences under the title and on cards."
    )
    key_points = models.TextField(
        validators=[validate_key_points],
        blank=True,
        help_text="Three to five, one a line, each under 20 words. They stand first.",
    )
    content_notes = ArrayField(
        models.CharField(max_length=12, choices=ContentNote),
        default=list,
        blank=True,
        help_text="Readers are told before they begin.",
    )
    body = models.TextField(
        blank=True,
        help_text="Markdown. Cite with [^name] after the sentence, and add a line [^name]: source.",
    )
    hero = models.ForeignKey(
        Picture,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="articles",
        verbose_name="picture",
    )
    hero_alt = models.CharField(
        "alternative text",
        max_length=250,
        blank=True,
        help_text="What a person who cannot see the picture should know.",
    )
    hero_is_decorative = models.BooleanField(
        "the picture is decorative",
        default=False,
        help_text="It says nothing that the text does not. Screen readers then skip it.",
    )
    hero_focus = models.CharField(
        "focus",
        max_length=8,
        choices=Focus,
        default=Focus.CENTER,
        help_text="What stays in view where the picture is cropped.",
    )
    topics = models.ManyToManyField(Topic, through="ArticleTopic", related_name="articles")
    contributors = models.ManyToManyField(
        Contributor, through="Byline", related_name="articles", blank=True
    )
    related = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        help_text="Shown first under “Read next”. The site adds others of the same topic.",
    )
    disclaimer = models.ForeignKey(
        PolicyVersion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to={"policy__kind": "disclaimer"},
        help_text="Empty: the one in force. Choose another only if this article must keep it.",
    )
    is_demonstration = models.BooleanField(
        "demonstration article",
        default=False,
        help_text="Says at the top: “Demonstration article. Not medically reviewed.”",
    )

    published_at = models.DateTimeField(
        null=True, blank=True, help_text="Empty: a draft. In the future: it appears at that minute."
    )
    updated_at = models.DateTimeField(
        null=True, blank=True, help_text="Shown to readers, together with what changed."
    )
    change_note = models.CharField(
        "what changed", max_length=200, blank=True, help_text="One sentence readers understand."
    )
    reviewed_on = models.DateField(
        null=True, blank=True, help_text="Only if it really was reviewed."
    )
    reviewed_by = models.CharField(max_length=120, blank=True, help_text="Name and profession.")
    review_due = models.DateField("next check", null=True, blank=True)
    withdraw_at = models.DateTimeField(
        null=True, blank=True, help_text="From this minute the address says that it was withdrawn."
    )
    withdrawal_reason = models.CharField(
        max_length=200, blank=True, help_text="One sentence for readers who come for it."
    )

    # What readers see came from this revision at this moment; a newer one may be in the making.
    live_revision = models.ForeignKey(
        "Revision",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    live_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The revision that takes the place of the words readers see, and when. The row carries its
    # own next step, so whoever reads it at that minute sees it: due.py, no job is waited for.
    next_revision = models.ForeignKey(
        "Revision",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    next_at = models.DateTimeField(null=True, blank=True, editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
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
    saved_at = models.DateTimeField(auto_now=True)
    # The form it was begun with: sent twice, it is one article.
    form_key = models.UUIDField(null=True, unique=True, editable=False)

    # Made from the body by render(); never edited.
    body_html = SafeHTMLField()
    sources_html = SafeHTMLField()
    contents = models.JSONField(editable=False, default=list)
    words = models.PositiveIntegerField(editable=False, default=0)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        permissions = [
            ("write_article", "Can write and submit own articles"),
            ("publish_article", "Can publish, schedule and withdraw articles"),
        ]
        indexes = [
            models.Index(F("published_at").desc(), F("id").desc(), name="article_newest_first"),
            models.Index("next_at", name="article_next_step", condition=~Q(next_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at=None) | ~Q(title="") & ~Q(standfirst="") & ~Q(body=""),
                name="article_published_is_written",
                violation_error_message="To publish it, write a title, a standfirst and a text.",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None)
                | Q(hero=None)
                | Q(hero_is_decorative=True)
                | ~Q(hero_alt=""),
                name="article_published_picture_is_described",
                violation_error_message=(
                    "Write the alternative text of the picture, or say that it is decorative."
                ),
            ),
            models.CheckConstraint(
                condition=Q(withdraw_at=None) | ~Q(withdrawal_reason=""),
                name="article_withdrawn_with_reason",
                violation_error_message="Tell readers in one sentence why it is withdrawn.",
            ),
            models.CheckConstraint(
                condition=Q(withdraw_at=None)
                | Q(published_at__isnull=False, withdraw_at__gt=F("published_at")),
                name="article_withdrawn_after_published",
                violation_error_message="An article can be withdrawn only after it is published.",
            ),
            models.CheckConstraint(
                condition=Q(next_at=None) | ~Q(published_at=None),
                name="article_next_step_follows_a_first",
            ),
        ]

    def __str__(self):
        return self.title or "Untitled article"

    def save(self, *args, update_fields=None, **kwargs):
        """A deed that leaves the words alone renders nothing: bounds may be tighter by now."""
        if update_fields is None:
            self.render()
        super().save(*args, update_fields=update_fields, **kwargs)

    def get_absolute_url(self):
        return reverse("articles:article", args=[self.slug])

    def render(self) -> Prose:
        """Make the HTML from the body. Raises TooMuch when the body is out of bounds."""
        prose = render_body(self.body)
        self.body_html = prose.html
        self.sources_html = prose.sources_html
        self.contents = prose.contents
        self.words = prose.words
        return prose

    @property
    def is_published(self) -> bool:
        """The instance twin of ``published()``."""
        now = timezone.now()
        return bool(self.published_at and self.published_at <= now) and not self.is_withdrawn

    @property
    def is_withdrawn(self) -> bool:
        return bool(self.published_at and self.withdraw_at and self.withdraw_at <= timezone.now())

    @property
    def state(self) -> str:
        if self.is_withdrawn:
            return "withdrawn"
        if self.published_at is None:
            return "in review" if self.submitted_at else "draft"
        return "published" if self.is_published else "scheduled"

    @property
    def reading_time(self) -> str:
        minutes = max(1, math.ceil(self.words / WORDS_A_MINUTE))
        return f"About {minutes} minute{'' if minutes == 1 else 's'}"

    @property
    def key_point_list(self) -> list[str]:
        return [line.strip() for line in self.key_points.splitlines() if line.strip()]

    @property
    def topic_list(self) -> list[Topic]:
        """The main topic first. No query after ``with_topics()``. A preview brings its own."""
        if "shown_topics" in self.__dict__:
            return self.shown_topics
        return [link.topic for link in self.topic_links.all()]

    @property
    def spoken_alt(self) -> str:
        """What a screen reader says of the picture: nothing, if it is decorative."""
        return "" if self.hero_is_decorative else self.hero_alt

    @property
    def main_topic(self) -> Topic | None:
        return next(iter(self.topic_list), None)

    @property
    def contributor_list(self) -> list[Contributor]:
        """In the order of the byline. No query after ``with_contributors()``. A preview brings
        its own."""
        if "shown_contributors" in self.__dict__:
            return self.shown_contributors
        return [byline.contributor for byline in self.bylines.all()]

    @property
    def has_fictional_writer(self) -> bool:
        return any(contributor.is_fictional for contributor in self.contributor_list)

    @property
    def content_note_labels(self) -> list[str]:
        return [self.ContentNote(note).label for note in self.content_notes]


def with_topics() -> Prefetch:
    return Prefetch("topic_links", ArticleTopic.objects.select_related("topic"))


def with_contributors() -> Prefetch:
    return Prefetch("bylines", Byline.objects.select_related("contributor"))


def render_body(body: str) -> Prose:
    """Render a text with the pictures of the library, one query for all of them."""
    names = picture_names(body)
    found = {p.name: p for p in Picture.objects.filter(name__in=names)} if names else {}
    return render_prose(body, found.get)


class ArticleTopic(models.Model):
    """An article's topics in their order; the first is the main one."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="topic_links")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["article", "topic"], name="article_topic_once")
        ]

    def __str__(self):
        return str(self.topic)


class Byline(models.Model):
    """Who wrote an article, in the order of the names."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="bylines")
    contributor = models.ForeignKey(Contributor, on_delete=models.PROTECT)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["article", "contributor"], name="byline_once")
        ]

    def __str__(self):
        return str(self.contributor)


class FormerSlug(models.Model):
    """An address an article once had. It leads to the new one for good."""

    slug = models.SlugField(max_length=120, unique=True)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="former_slugs")
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self):
        return self.slug

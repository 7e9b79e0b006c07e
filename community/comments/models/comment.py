"""A comment, its place in the tree, and the earlier texts that only staff may read."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import MD5, Coalesce
from django.urls import reverse
from django.utils import timezone

from advocacy_site.html import SafeHTMLField
from articles.models import Article
from community.policies.models import PolicyVersion

from .stored_column import StoredColumn

# A reply to the 64th level takes its place beside that one, not under it: a key of an index
# may weigh 2.7 KB, and readers see two levels. ``parent`` still says what was answered.
MOST_LEVELS = 64


class CommentQuerySet(models.QuerySet):
    def visible_to(self, member=None):
        """Whose text this reader may read: what is visible, and one's own that waits.

        Every list, page, search and export calls this. ``threads.PAGE`` says the same in SQL,
        and tests/community/comments/test_visibility.py holds the two to each other.
        """
        visible = Q(state=Comment.State.VISIBLE)
        if member is not None and member.pk:
            visible |= Q(state=Comment.State.HELD, author=member)
        return self.filter(visible)

    def in_public(self):
        """What readers may see at addresses that exist: the article must be there as well."""
        now = timezone.now()
        return (
            self.visible_to(None)
            .filter(article__published_at__lte=now)
            .exclude(article__withdraw_at__lte=now)
        )

    def under_public_articles(self):
        now = timezone.now()
        return self.filter(article__published_at__lte=now).exclude(article__withdraw_at__lte=now)


class Comment(models.Model):
    class State(models.TextChoices):
        VISIBLE = "visible", "visible"
        HELD = "held", "waits for a moderator"
        HIDDEN = "hidden", "hidden by a moderator for now"
        REMOVED = "removed", "removed by a moderator"
        DELETED = "deleted", "deleted by its writer"

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="comments",
        help_text="Empty: a former member.",
    )
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies"
    )
    parent_path = ArrayField(models.BigIntegerField(), default=list, editable=False)
    # Both are made by the database, so two replies at once need no lock and no order is lost.
    path = StoredColumn(
        expression=Func(F("parent_path"), F("id"), function="array_append"),
        output_field=ArrayField(models.BigIntegerField()),
    )
    thread_id = StoredColumn(
        expression=Coalesce(F("parent_path__0"), F("id")),
        output_field=models.BigIntegerField(),
    )
    source = models.TextField()
    content_note = models.CharField(max_length=80, blank=True)
    # Made from the source by words.render(); never edited. ``html`` is the body, ``stamp`` the
    # link with the date: together all of a comment that depends on neither reader nor writer.
    html = SafeHTMLField()
    stamp = SafeHTMLField()
    renderer = models.PositiveSmallIntegerField(default=0, editable=False)

    state = models.CharField(max_length=8, choices=State, default=State.VISIBLE)
    # Whether everybody sees at least the place of it: what waits or is hidden leaves none, unless
    # somebody has answered. Kept by triggers (migration 0007), so that pages need not walk past
    # what nobody sees.
    has_place = models.BooleanField(default=True, db_default=True, editable=False)
    state_at = models.DateTimeField(null=True, blank=True, editable=False)
    state_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    state_reason = models.CharField(
        max_length=250, blank=True, help_text="For moderators. Readers never see it."
    )
    broken_rule = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Number of the rule, for a removed comment."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    rules = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    # Chosen when the form was made: the same form sent twice is one comment.
    form_id = models.UUIDField(null=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["author", "form_id"], name="comment_form_sent_once"),
            models.CheckConstraint(
                condition=Q(parent=None, parent_path=[])
                | Q(parent__isnull=False) & ~Q(parent_path=[]),
                name="comment_path_follows_parent",
            ),
            models.CheckConstraint(
                condition=Q(parent_path__len__lte=MOST_LEVELS), name="comment_path_is_bounded"
            ),
            models.CheckConstraint(
                condition=Q(broken_rule=None) | Q(broken_rule__range=(1, 99)),
                name="comment_broken_rule_is_a_number",
            ),
            models.CheckConstraint(
                condition=~Q(state="removed") | Q(broken_rule__isnull=False),
                name="comment_removed_names_the_rule",
                violation_error_message="Say which rule a removed comment broke.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["article", "path"], name="comment_places", condition=Q(has_place=True)
            ),
            # The threads of an article, newest or oldest first, without touching the replies. By
            # their own column: asked for the order of ids, the planner may walk the primary key,
            # and with it whatever was said elsewhere since.
            models.Index(
                fields=["article", "thread_id"],
                name="comment_threads_in_order",
                condition=Q(parent=None, has_place=True),
            ),
            # What waits and only its writer sees.
            models.Index(
                fields=["author", "article", "path"],
                name="comment_own_waiting",
                condition=Q(state="held", has_place=False),
            ),
            models.Index(fields=["author", "-id"], name="comment_author_newest"),
            # The same words again, by whomever (screening.py).
            models.Index(MD5("source"), name="comment_same_words"),
            # Which is the newest under an article (moderation.find_the_latest).
            models.Index(
                fields=["article", "-id"],
                name="comment_newest_visible",
                condition=Q(state="visible"),
            ),
            models.Index(fields=["-id"], name="comment_not_visible", condition=~Q(state="visible")),
        ]

    def __str__(self):
        return f"Comment {self.pk}"

    def get_absolute_url(self):
        return reverse("comments:comment", args=[self.pk])

    def is_visible_to(self, member) -> bool:
        """The instance twin of ``visible_to()``."""
        if self.state == self.State.VISIBLE:
            return True
        mine = member is not None and member.pk is not None and self.author_id == member.pk
        return mine and self.state == self.State.HELD

    @property
    def depth(self) -> int:
        """1 for the start of a thread, 2 for a reply to it."""
        return len(self.parent_path) + 1


class CommentVersion(models.Model):
    """A text as it stood before an edit. Staff only; nothing on the site links to it."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="versions")
    source = models.TextField()
    content_note = models.CharField(max_length=80, blank=True)
    was_edited_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        verbose_name = "earlier text"

    def __str__(self):
        return f"Earlier text of comment {self.comment_id}"

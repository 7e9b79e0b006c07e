"""The account. Email is for signing in and is never shown; the display name is for being seen."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone

from ..names import handle_for

OWN_WORDS_LIMIT = 240  # a few sentences; more would be a page to keep up


class MemberQuerySet(models.QuerySet):
    def present(self):
        """Who may sign in: neither closed by staff nor remembered."""
        return self.filter(is_active=True, remembered_at=None)

    def shown(self):
        """Whose profile other members can open; those who died among them."""
        return self.filter(Q(is_active=True) | Q(remembered_at__isnull=False)).exclude(handle=None)

    def remembered(self):
        return self.filter(remembered_at__isnull=False)


class MemberManager(BaseUserManager.from_queryset(MemberQuerySet)):
    def get_by_natural_key(self, email):
        """People type their address in any case; there is one account for all of them."""
        return self.get(email__iexact=email)

    def create_user(self, email, password=None, **fields):
        member = self.model(email=self.normalize_email(email), **fields)
        member.handle = member.handle or handle_for(
            member.display_name, is_taken=lambda handle: self.filter(handle=handle).exists()
        )
        member.set_password(password)
        member.save(using=self._db)
        return member

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Words(models.TextChoices):
    """What is to happen to what someone wrote, at closing or after death."""

    KEEP = "keep", "Keep my words under my name"
    WITHOUT_NAME = "without-name", "Keep my words without my name"
    REMOVE = "remove", "Remove my words"
    CHOOSE = "choose", "Choose one by one"


# Leaving takes the name along; after a death someone else would have to choose one by one.
AT_CLOSING = [choice for choice in Words.choices if choice[0] != Words.KEEP]
AFTER_DEATH = [choice for choice in Words.choices if choice[0] != Words.CHOOSE]


class Member(AbstractBaseUser, PermissionsMixin):
    class Relation(models.TextChoices):
        LIVING = "living", "Living with MBC"
        CAREGIVER = "caregiver", "Caregiver"
        FAMILY = "family", "Family"
        FRIEND = "friend", "Friend"
        BEREAVED = "bereaved", "Bereaved"
        CLINICIAN = "clinician", "Clinician"
        ADVOCATE = "advocate", "Advocate"
        UNSAID = "unsaid", "Prefer not to say"

    Words = Words

    email = models.EmailField(help_text="To sign in. Never shown to anyone on the site.")
    handle = models.SlugField(
        max_length=30,
        unique=True,
        null=True,
        blank=True,
        validators=[RegexValidator(r"^[a-z0-9-]+$", "Use small letters, digits and hyphens.")],
        help_text="The address of the profile: /members/handle/.",
    )
    display_name = models.CharField(
        max_length=40, help_text="The name other people see. A full name is not needed."
    )
    relation = models.CharField(
        "relation to MBC", max_length=12, choices=Relation, default=Relation.UNSAID
    )
    relation_is_shown = models.BooleanField("show the relation to others", default=False)
    own_words = models.CharField(
        "in your own words", max_length=OWN_WORDS_LIMIT, blank=True, help_text="On the profile."
    )
    reading_settings = models.CharField(max_length=60, blank=True, editable=False)
    is_staff = models.BooleanField("may open the editors' desk", default=False)
    is_active = models.BooleanField("may sign in", default=True)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    trusted_at = models.DateTimeField(null=True, blank=True, editable=False)
    suspended_until = models.DateTimeField(null=True, blank=True, editable=False)
    remembered_at = models.DateTimeField(null=True, blank=True, editable=False)
    died_in = models.DateField(
        null=True, blank=True, editable=False, help_text="The first day of the month, if known."
    )
    family_words = models.CharField(max_length=500, blank=True, editable=False)
    mail_paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    closes_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    closing_words = models.CharField(
        max_length=12,
        choices=AT_CLOSING,
        blank=True,
        editable=False,
    )
    closing_answers = models.JSONField(
        default=dict, editable=False, help_text="To the questions of other apps, by part."
    )
    wish = models.CharField(
        "after my death",
        max_length=12,
        choices=AFTER_DEATH,
        blank=True,
        editable=False,
    )
    wish_contact = models.CharField("who may ask", max_length=200, blank=True, editable=False)

    objects = MemberManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        permissions = [("remember_member", "Can set a member remembered, and undo it")]
        indexes = [
            models.Index(
                "remembered_at", name="member_remembered", condition=Q(remembered_at__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(died_in=None) | Q(remembered_at__isnull=False),
                name="member_died_in_only_when_remembered",
            ),
            models.CheckConstraint(
                condition=Q(closes_at=None, closing_words="")
                | (Q(closes_at__isnull=False) & ~Q(closing_words="")),
                name="member_closing_says_what_becomes_of_words",
            ),
            models.UniqueConstraint(
                Upper("email"),  # what iexact asks for, so that signing in finds it by index
                name="member_email_unique_without_case",
                violation_error_message="An account with this email address is already there.",
            ),
        ]

    def __str__(self):
        return self.display_name

    def get_full_name(self):
        return self.display_name

    def get_short_name(self):
        return self.display_name

    def get_absolute_url(self):
        return reverse("members:profile", args=[self.handle])

    @property
    def letter(self) -> str:
        return self.display_name[:1].upper()

    @property
    def tone(self) -> str:
        """The color behind the letter: always the same for one account, and says nothing."""
        return ("teal", "green", "rose", "amber", "plum")[(self.pk or 0) % 5]

    @property
    def shown_relation(self) -> str:
        if not self.relation_is_shown or self.relation == self.Relation.UNSAID:
            return ""
        return self.get_relation_display()

    @property
    def is_remembered(self) -> bool:
        return self.remembered_at is not None

    @property
    def may_sign_in(self) -> bool:
        return self.is_active and not self.is_remembered

    @property
    def accepts_mail(self) -> bool:
        """Whether anything may be mailed that this person did not ask for a moment ago."""
        return self.may_sign_in and self.mail_paused_at is None

    @property
    def death_words(self) -> str:
        """To stand after the name: "died in March 2028", "died" or nothing."""
        return death_words(self.died_in) if self.is_remembered else ""


def death_words(died_in) -> str:
    return f"died in {died_in:%B %Y}" if died_in else "died"

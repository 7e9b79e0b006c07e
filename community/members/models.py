"""The account. Email is for signing in and is never shown; the display name is for being seen."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone


class MemberManager(BaseUserManager):
    def get_by_natural_key(self, email):
        """People type their address in any case; there is one account for all of them."""
        return self.get(email__iexact=email)

    def create_user(self, email, password=None, **fields):
        member = self.model(email=self.normalize_email(email), **fields)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


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
    is_staff = models.BooleanField("may open the editors' desk", default=False)
    is_active = models.BooleanField("may sign in", default=True)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    trusted_at = models.DateTimeField(null=True, blank=True, editable=False)
    suspended_until = models.DateTimeField(null=True, blank=True, editable=False)
    remembered_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MemberManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        constraints = [
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

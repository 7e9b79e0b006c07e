"""Versioned texts. What readers agreed to, or were told, can always be read again."""

from functools import lru_cache

from django.conf import settings
from django.db import models, transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from advocacy_site.html import render_prose


class Policy(models.Model):
    class Kind(models.TextChoices):
        RULES = "rules", "Our rules"
        PRIVACY = "privacy", "Privacy policy"
        HEALTH_DATA = "health-data", "Health data notice"
        EDITORIAL_INTEGRITY = "editorial-integrity", "Editorial integrity"
        DISCLAIMER = "disclaimer", "Disclaimer"
        EMAIL_CONSENT = "email-consent", "Email consent"

    kind = models.CharField(max_length=24, choices=Kind, unique=True)

    class Meta:
        verbose_name_plural = "policies"

    def __str__(self):
        return self.get_kind_display()

    def get_absolute_url(self):
        return reverse(f"policies:{self.kind}")


class PolicyVersionQuerySet(models.QuerySet):
    def published(self):
        """What has come into force by now."""
        return self.filter(published_at__lte=timezone.now())

    def in_force(self, kind: str) -> "PolicyVersion | None":
        """The newest published version of a text, or None where there is none yet."""
        return self.of_kind(kind).select_related("policy").first()

    def of_kind(self, kind: str):
        """Every published version of a text, the newest first."""
        return self.published().filter(policy__kind=kind).order_by("-number")

    def is_behind(self, policy: Policy, version: "PolicyVersion") -> bool:
        """Whether another version with a later number is posted already, or has this number."""
        posted = Q(number__gt=version.number, published_at__isnull=False)
        return self.filter(Q(number=version.number) | posted, policy=policy).exists()

    def next_number(self, policy: Policy) -> int:
        return (self.filter(policy=policy).aggregate(last=Max("number"))["last"] or 0) + 1


class PolicyVersion(models.Model):
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(editable=False)
    title = models.CharField(max_length=120)
    standfirst = models.CharField(
        max_length=250, blank=True, help_text="A sentence under the title."
    )
    body = models.TextField(help_text="Markdown.")
    changed = models.CharField(
        "what changed",
        max_length=200,
        help_text="One sentence for people who knew the earlier version.",
    )
    published_at = models.DateTimeField(
        "in force from",
        null=True,
        blank=True,
        help_text="Empty: a draft. From this minute on the text can never be changed again.",
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "version of a posted text"
        verbose_name_plural = "versions of posted texts"
        ordering = ["policy", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="policy_version_from_one"),
        ]

    def __str__(self):
        return f"{self.policy}, version {self.number}"

    @transaction.atomic
    def save(self, *args, **kwargs):
        """Number a new version, and anew one that is posted after a later number was."""
        policy = Policy.objects.select_for_update().get(pk=self.policy_id)
        versions = type(self).objects.exclude(pk=self.pk)
        if not self.number or versions.is_behind(policy, self):
            self.number = versions.next_number(policy)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("policies:version", args=[self.policy.kind, self.number])

    @property
    def body_html(self) -> SafeString:
        """Rendered when asked for: nothing derived may stand beside words that never change."""
        return render_posted_text(self.body)

    @property
    def is_published(self) -> bool:
        return self.published_at is not None and self.published_at <= timezone.now()


@lru_cache(maxsize=64)
def render_posted_text(body: str) -> SafeString:
    return render_prose(body).html


class Acceptance(models.Model):
    """A member read this version and agreed. Once for each version; never changed."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="acceptances")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="acceptances"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "member"], name="acceptance_once"),
        ]

    def __str__(self):
        return f"{self.member_id} accepted {self.version_id}"


def accept(version: PolicyVersion, member) -> bool:
    """Record that ``member`` read and agreed to ``version``; tell whether it is new."""
    _, created = Acceptance.objects.get_or_create(version=version, member=member)
    return created

from django.conf import settings
from django.db import models
from django.urls import reverse


class Contributor(models.Model):
    class Kind(models.TextChoices):
        CONTRIBUTOR = "contributor", "Community contributor"
        STAFF = "staff", "Editorial staff"

    class Tone(models.TextChoices):
        TEAL = "teal", "Teal"
        GREEN = "green", "Green"
        ROSE = "rose", "Rose"
        AMBER = "amber", "Amber"
        PLUM = "plum", "Plum"

    name = models.CharField(max_length=80)
    slug = models.SlugField(
        max_length=80, unique=True, help_text="The address: /contributors/slug/."
    )
    relation = models.CharField(
        "relation to MBC",
        max_length=80,
        blank=True,
        help_text="As the person says it, after the name: “who lives with MBC”.",
    )
    kind = models.CharField(
        max_length=12,
        choices=Kind,
        default=Kind.CONTRIBUTOR,
        help_text="Readers are told which articles come from the community.",
    )
    bio = models.TextField(max_length=600, blank=True, help_text="Two or three sentences.")
    tone = models.CharField(
        max_length=10, choices=Tone, default=Tone.TEAL, help_text="Color behind the letter."
    )
    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="contributor",
        help_text="The account this person writes with. In the group Contributors it may write "
        "and submit its own articles.",
    )
    is_fictional = models.BooleanField(
        "made up for demonstration",
        default=False,
        help_text="The articles and the profile then say that this person is not real.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("articles:contributor", args=[self.slug])

    @property
    def letter(self) -> str:
        return self.name[:1].upper()

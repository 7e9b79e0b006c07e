from django.db import models
from django.urls import reverse


class Topic(models.Model):
    class Tone(models.TextChoices):
        TEAL = "teal", "Teal"
        GREEN = "green", "Green"
        ROSE = "rose", "Rose"

    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(
        max_length=60,
        unique=True,
        help_text="The address: /topics/slug/. Links to it break if it changes.",
    )
    description = models.CharField(
        max_length=200, help_text="One sentence for readers who wonder what they find here."
    )
    tone = models.CharField(
        max_length=10,
        choices=Tone,
        default=Tone.TEAL,
        help_text="Color of the buoy beside the name.",
    )
    position = models.PositiveSmallIntegerField(
        default=0, help_text="Topics are listed by this number, then by name."
    )

    class Meta:
        ordering = ["position", "name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("articles:topic", args=[self.slug])

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from pictures.models import PictureField


def picture_path(picture, file_name):
    """Named by content, so that an address never changes its picture and may be cached for good."""
    stem, _, extension = file_name.rpartition(".")
    return f"pictures/{stem[:60]}-{picture.digest[:10]}.{extension}"


class Picture(models.Model):
    """A picture of the library. Its sizes are made by a task; until then the master is shown."""

    name = models.CharField(
        max_length=100,
        unique=True,
        validators=[RegexValidator(r"^[\w.-]+$", "Use letters, digits, dots, hyphens and _.")],
        help_text="How articles name it, for example in a text: ![alternative text](picture:name).",
    )
    image = PictureField(
        upload_to=picture_path, width_field="width", height_field="height", max_length=200
    )
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    alt = models.CharField(
        "alternative text",
        max_length=250,
        blank=True,
        help_text="What a person who cannot see it should know. Each article may say it anew.",
    )
    credit = models.CharField(
        max_length=120, blank=True, help_text="Who made it, if that must be said."
    )
    digest = models.CharField(max_length=64, editable=False, help_text="SHA-256 of the file sent.")
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    renditions_made_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self):
        return self.name

    @property
    def renditions(self) -> dict[str, dict[int, str]]:
        """``{"AVIF": {400: url, ...}, "WEBP": ..., "JPEG": ...}``; empty until they are made."""
        if not self.renditions_made_at:
            return {}
        return {
            kind: {width: rendition.url for width, rendition in sorted(by_width.items())}
            for kind, by_width in self.image.aspect_ratios[None].items()
            if by_width
        }

    @property
    def sources(self) -> list[dict[str, str]]:
        """One entry a format, best first: ``{"type": "image/avif", "srcset": "/… 400w, …"}``."""
        return [
            {"type": f"image/{kind.lower()}", "srcset": _srcset(by_width)}
            for kind, by_width in self.renditions.items()
            if kind != "JPEG"
        ]

    @property
    def srcset(self) -> str:
        """One list of sizes for a plain ``<img>`` inside a text."""
        return _srcset(self.renditions.get("WEBP", {}))

    @property
    def url(self) -> str:
        """What a browser without AVIF and WebP gets: a middle size once made, else the master."""
        by_width = self.renditions.get("JPEG")
        if not by_width:
            return self.image.url
        return by_width[min(by_width, key=lambda width: abs(width - 800))]


def _srcset(by_width: dict[int, str]) -> str:
    return ", ".join(f"{url} {width}w" for width, url in by_width.items())

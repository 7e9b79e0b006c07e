"""What an uploaded picture must pass before anything of it is kept.

The file that was sent is never stored. Its pixels are drawn onto a fresh canvas and saved
anew, so that no metadata (a place, a camera, a name), comment, color profile or trailing
byte comes along. SVG is refused: it is a document that can carry scripts.
"""

import hashlib
import io
import struct
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.text import get_valid_filename
from PIL import Image, ImageCms, ImageOps

from .models import Picture
from .renditions import make_renditions

MOST_BYTES = 15 * 1024 * 1024
# A large phone photograph has 50 million pixels; more would cost seconds and a gigabyte.
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 2_400
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
# Drawings stay free of the smear that JPEG leaves around lines.
LOSSLESS = {"PNG", "GIF"}
# Every way in which Pillow says that a file is broken.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    ZeroDivisionError,
    RuntimeError,
    MemoryError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    ImageCms.PyCMSError,
)


class RefusedPicture(ValueError):
    """The file is not taken; the message is a sentence for the person who sent it."""


@dataclass(frozen=True)
class CleanPicture:
    """``content`` is a PNG or JPEG made anew, ``extension`` fits it; ``digest`` is the SHA-256
    of the file that was sent."""

    content: ContentFile
    extension: str
    digest: str


def clean_picture(data: bytes) -> CleanPicture:
    """Read a picture someone sent. Raises RefusedPicture."""
    if len(data) > MOST_BYTES:
        raise RefusedPicture(f"Choose a picture of {MOST_BYTES // 1024 // 1024} MB or less.")
    try:
        with warnings.catch_warnings():
            # Pillow warns of oddities (a damaged EXIF block) that the fresh canvas leaves behind.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            canvas, lossless = _draw_anew(data)
    except BROKEN as broken:
        raise RefusedPicture(
            "Choose a picture that opens: a JPEG, PNG, WebP, AVIF or GIF file."
        ) from broken
    content = io.BytesIO()
    if lossless:
        canvas.save(content, "PNG", optimize=True)
    else:
        canvas.save(content, "JPEG", quality=92, optimize=True)
    extension = "png" if lossless else "jpg"
    # Django reads the dimensions only of content that has a name.
    named = ContentFile(content.getvalue(), name=f"picture.{extension}")
    return CleanPicture(named, extension, digest_of(data))


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _draw_anew(data: bytes) -> tuple[Image.Image, bool]:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise RefusedPicture(
                f"Choose a picture of {MOST_PIXELS // 1_000_000} million pixels or fewer; "
                f"this one has {image.width:,} by {image.height:,}."
            )
        lossless = image.format in LOSSLESS
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image = ImageOps.exif_transpose(image)  # an animation shows its first frame
        image = _to_rgb(image)
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        canvas = Image.new("RGB", image.size)
        canvas.paste(image)
        return canvas, lossless


def _to_rgb(image: Image.Image) -> Image.Image:
    """Plain red, green and blue for the web; what was transparent becomes white."""
    profile = image.info.get("icc_profile")
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        # With a broken profile the plain conversion below is near enough.
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            image = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def add_picture(name: str, data: bytes, *, alt: str = "", by=None) -> Picture:
    """Take a picture into the library, or return the one that was sent before under this name.

    A different picture of the same name replaces it: every article that shows it shows the
    new one. Raises RefusedPicture.
    """
    picture = Picture.objects.filter(name=name).first() or Picture(name=name, alt=alt)
    if picture.digest == digest_of(data):
        return picture
    clean = clean_picture(data)
    keep_picture(picture, clean, by=by)
    return picture


@transaction.atomic
def keep_picture(picture: Picture, clean: CleanPicture, *, by=None) -> None:
    """Save the clean picture as this one's file, and ask the worker for its sizes."""
    picture.digest = clean.digest
    picture.renditions_made_at = None
    picture.uploaded_by = by
    stem = PurePath(picture.name).stem
    picture.image.save(f"{stem}.{clean.extension}", clean.content, save=False)
    picture.save()
    make_renditions(picture)


def free_name(file_name: str) -> str:
    """A name for the library made from a file's name, kept apart from those already there."""
    stem = PurePath(file_name).stem
    extension = PurePath(file_name).suffix.lower()
    name = get_valid_filename(stem.lower())[:80] + extension if stem else f"picture{extension}"
    number = 1
    wanted = name
    while Picture.objects.filter(name=wanted).exists():
        number += 1
        wanted = f"{PurePath(name).stem}-{number}{extension}"
    return wanted

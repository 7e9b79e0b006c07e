"""What an uploaded picture must pass before anything of it is kept.

The file that was sent is never stored. Its pixels are drawn onto a fresh canvas and saved
anew, so that no metadata (a place, a camera, a name), comment, color profile or trailing
byte comes along. SVG is refused: it is a document that can carry scripts.
"""

import errno
import hashlib
import io
import struct
import threading
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from PIL import Image, ImageCms, ImageOps

from .models import Picture
from .renditions import make_renditions, remove_files, show_again

MOST_BYTES = 15 * 1024 * 1024
# A large phone photograph is a JPEG of 50 million pixels, and read at a fraction of its size.
MOST_JPEG_PIXELS = 60_000_000
# Every other kind is read whole: 20 million pixels already hold 80 MB.
MOST_PIXELS = 20_000_000
TOO_LARGE = f"Choose a picture of {MOST_BYTES >> 20} MB or less."
LONGEST_SIDE = 2_400
EXTENSIONS = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif"}
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
    Image.DecompressionBombWarning,
    ImageCms.PyCMSError,
)


# Several large pictures at once would not fit a small machine's memory.
ONE_AT_A_TIME = threading.Semaphore()


NO_ROOM = (
    "This site has no room for more pictures now. Nothing was kept."
    " Tell whoever runs the site, then send the picture again."
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
        raise RefusedPicture(TOO_LARGE)
    try:
        with ONE_AT_A_TIME, warnings.catch_warnings():
            # Pillow warns of oddities (a damaged EXIF block) that the fresh canvas leaves behind.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            canvas, lossless = _draw_anew(data)
    except Image.DecompressionBombError as bomb:
        raise RefusedPicture(
            f"Choose a picture of {MOST_PIXELS // 1_000_000} million pixels or fewer."
        ) from bomb
    except RefusedPicture:
        raise
    except BROKEN as broken:
        raise RefusedPicture(
            "Choose a picture that opens: JPEG, PNG, WebP, AVIF or GIF. A HEIC photograph can be "
            "saved as JPEG first."
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
        most = MOST_JPEG_PIXELS if image.format == "JPEG" else MOST_PIXELS
        if image.width * image.height > most:
            raise too_many_pixels(image.width, image.height, most)
        lossless = image.format in LOSSLESS
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        # Small first: what follows would otherwise hold several copies of every pixel.
        # An animation shows its first frame.
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BICUBIC)
        image = _to_rgb(ImageOps.exif_transpose(image))
        canvas = Image.new("RGB", image.size)
        canvas.paste(image)
        return canvas, lossless


def too_many_pixels(width: int, height: int, most: int) -> RefusedPicture:
    return RefusedPicture(
        f"Choose a picture of {most // 1_000_000} million pixels or fewer; "
        f"this one has {width:,} by {height:,}."
    )


def _to_rgb(image: Image.Image) -> Image.Image:
    """Plain red, green and blue for the web; what was transparent becomes white."""
    if image.mode.startswith("I"):  # 16 bits of gray, which a plain conversion would clip
        image = image.point(lambda value: value / 256).convert("L")
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
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    return image.convert("RGB")


def add_picture(file_name: str, data: bytes, *, alt: str = "", by=None) -> Picture:
    """Take a picture into the library under a name made from its file's. Raises RefusedPicture."""
    clean = clean_picture(data)
    for name in possible_names(file_name):
        picture = Picture(name=name, alt=alt)
        try:
            keep_picture(picture, clean, by=by)
        except IntegrityError:
            continue  # the name is taken, perhaps since a moment ago
        return picture
    raise RefusedPicture("Choose another name for the file.")


def keep_picture(picture: Picture, clean: CleanPicture, *, by=None) -> None:
    """Save the clean picture as this one's file, and ask the worker for its sizes.

    The file it had is removed with its sizes: a person may ask that a photograph be taken down.
    """
    former = picture.image.name
    picture.digest = clean.digest
    picture.renditions_made_at = None
    picture.uploaded_by = picture.uploaded_by or by
    save_file(picture, f"{PurePath(picture.name).stem}.{clean.extension}", clean.content)
    try:
        with transaction.atomic():
            picture.save()
            make_renditions(picture)
            if former and former != picture.image.name:
                # Until the worker has made its sizes, readers see the new picture whole.
                show_again(picture)
                remove_files(former)
    except BaseException:
        picture.image.storage.delete(picture.image.name)
        raise


def save_file(picture: Picture, file_name: str, content: ContentFile) -> None:
    """Raises RefusedPicture where the disk is full, and leaves no half of a file there."""
    field, storage = picture.image.field, picture.image.storage
    name = storage.get_available_name(field.generate_filename(picture, file_name))
    try:
        picture.image.save(file_name, content, save=False)
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        storage.delete(name)
        raise RefusedPicture(NO_ROOM) from error


def possible_names(file_name: str):
    """ "My Photo.JPG" may become my-photo.jpg, else my-photo-2.jpg and so on."""
    path = PurePath(file_name)
    stem = slugify(path.stem)[:80] or "picture"
    extension = path.suffix.lower() if path.suffix.lower() in EXTENSIONS else ""
    yield f"{stem}{extension}"
    for number in range(2, 1_000):
        yield f"{stem}-{number}{extension}"

"""The picture that other sites show beside a link: the title in the site's own colors and fonts."""

import hashlib
import io
import re
from functools import lru_cache
from math import pi, sin
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 630
LEFT, TOP = 88, 92
MOST_LINES = 4
# A new drawing makes new pictures of all articles.
DRAWING = "1"
FONTS = settings.ROOT / "static" / "fonts"
TITLE_FONT = FONTS / "literata-latin-wght-normal.woff2"
LABEL_FONT = FONTS / "atkinson-hyperlegible-next-latin-wght-normal.woff2"
# The fonts hold Latin letters and the usual marks; what they lack would be drawn as boxes.
DRAWABLE = re.compile(r"[\u0020-\u00ff\u0131\u0152\u0153\u2013\u2014\u2018-\u201e\u2022\u2026]*")


def share_picture(title: str, topic: str) -> str:
    """The name in storage of the picture; drawn when it is first asked for."""
    words = (DRAWING, title, topic, settings.SITE_NAME)
    name = f"share/{hashlib.sha256(repr(words).encode()).hexdigest()[:24]}.png"
    if not default_storage.exists(name):
        keep(name, draw(title, topic))
    return name


def keep(name: str, picture: bytes) -> None:
    """Whole or not at all: written aside and put in its place in one step. Two readers who ask
    first at once both write the same, and a process that is killed leaves no half picture."""
    place = Path(default_storage.path(name))
    place.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=place.parent, suffix=".part", delete=False) as aside:
        aside.write(picture)
    Path(aside.name).chmod(default_storage.file_permissions_mode or 0o644)
    Path(aside.name).replace(place)


def digest(title: str, topic: str) -> str:
    """Changes with the picture, so that sites which keep it fetch a new one."""
    return hashlib.sha256(repr((DRAWING, title, topic)).encode()).hexdigest()[:8]


def draw(title: str, topic: str) -> bytes:
    """A PNG, 1,200 by 630."""
    color = palette()
    image = Image.new("RGB", (WIDTH * 2, HEIGHT * 2), color["paper"])
    draw = ImageDraw.Draw(image)
    _draw_water(draw, color)
    image = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)  # smooth edges
    draw = ImageDraw.Draw(image)
    _draw_thread(draw, color)
    y = TOP
    if topic and DRAWABLE.fullmatch(topic):
        draw.ellipse((LEFT, y + 5, LEFT + 26, y + 31), outline=color["teal"], width=6)
        draw.text((LEFT + 42, y), topic, font=font(LABEL_FONT, 30, 700), fill=color["teal"])
        y += 62
    _draw_title(draw, title if DRAWABLE.fullmatch(title) else settings.SITE_NAME, y, color)
    name = font(LABEL_FONT, 30, 700)
    draw.text((LEFT, HEIGHT - 66), settings.SITE_NAME, font=name, fill=color["on-deep"])
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _draw_title(draw, title: str, y: int, color: dict) -> None:
    for size in (76, 66, 58, 50, 44):
        face = font(TITLE_FONT, size, 500)
        lines = wrap(title, face, WIDTH - 2 * LEFT)
        if len(lines) * size * 1.2 <= HEIGHT - 190 - y and len(lines) <= MOST_LINES:
            break
    for line in lines[:MOST_LINES]:
        draw.text((LEFT, y), line, font=face, fill=color["ink"])
        y += round(size * 1.2)


def _draw_thread(draw, color: dict) -> None:
    """The thread line of every page: five parts, one part, five parts."""
    part = WIDTH / 11
    draw.rectangle((0, 0, 5 * part, 11), fill=color["teal"])
    draw.rectangle((5 * part, 0, 6 * part, 11), fill=color["rose"])
    draw.rectangle((6 * part, 0, WIDTH, 11), fill=color["green"])


def _draw_water(draw, color: dict) -> None:
    """Three waves above deep water, at twice the size."""
    for name, top, shift in (("art-water-1", 486, 0), ("art-water-2", 514, 90), ("deep", 544, 40)):
        points = [(x * 2, (top + _wave(x + shift)) * 2) for x in range(0, WIDTH + 1, 4)]
        draw.polygon([*points, (WIDTH * 2, HEIGHT * 2), (0, HEIGHT * 2)], fill=color[name])


def _wave(x: float) -> float:
    """One swell every 240 pixels, 9 high."""
    return 9 * sin(2 * pi * x / 240)


def wrap(text: str, face, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and face.getlength(longer) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line]


@lru_cache(maxsize=16)
def font(path: Path, size: int, weight: int) -> ImageFont.FreeTypeFont:
    face = ImageFont.truetype(path, size)
    face.set_variation_by_axes([weight])
    return face


@lru_cache(maxsize=1)
def palette() -> dict[str, str]:
    """The light colors of tokens.css by their names."""
    css = (settings.ROOT / "static" / "css" / "tokens.css").read_text()
    light = css[: css.index("@media")]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6});", light))

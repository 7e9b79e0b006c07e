"""The picture other sites show beside a link to a poll: the question, and no result while it
is open (people who have not voted yet would be told what to think)."""

import io
from functools import lru_cache

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

from .models import Poll
from .results import results_of

SIZE = (1200, 630)
MARGIN, WIDTH = 90, 1020
# The light theme's colors of tokens.css: a picture knows no themes.
PAPER, INK, ROSE, TEAL, SOFT = "#FAF6EE", "#16292C", "#852747", "#0B5156", "#394A4D"
FONTS = settings.ROOT / "static" / "fonts"


def draw_share_picture(poll: Poll) -> bytes:
    """A PNG of 1200 by 630 pixels."""
    result = results_of(poll).in_words if poll.is_closed else ""
    return _draw(settings.SITE_NAME, poll.label, poll.question, result)


@lru_cache(maxsize=64)
def _draw(site: str, label: str, question: str, result: str) -> bytes:
    picture = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(picture)
    for start, end, color in ((0, 545, TEAL), (545, 655, ROSE), (655, 1200, "#235533")):
        draw.rectangle((start, 0, end, 14), fill=color)
    draw.text((MARGIN, 80), label, font=_font("atkinson-hyperlegible-next", 34, 600), fill=ROSE)
    lines, font = _fit(question)
    draw.multiline_text((MARGIN, 140), "\n".join(lines), font=font, fill=INK, spacing=14)
    small = _font("atkinson-hyperlegible-next", 32, 400)
    foot = _wrap(result, small, WIDTH)[:2] if result else ["Nobody can see how you voted."]
    draw.multiline_text((MARGIN, 440), "\n".join(foot), font=small, fill=SOFT, spacing=10)
    draw.text((MARGIN, 545), site, font=_font("literata", 38, 600), fill=TEAL)
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def _fit(question: str):
    """The largest letters in which the question takes no more room than there is."""
    for size in (72, 60, 50, 42, 34):
        font = _font("literata", size, 500)
        lines = _wrap(question, font, WIDTH)
        if len(lines) * size * 1.35 <= 290:
            return lines, font
    return lines[:5], font


def _wrap(text: str, font, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
            continue
        # A word wider than the picture is broken wherever it must.
        while font.getlength(word) > width:
            fits = max(n for n in range(1, len(word)) if font.getlength(word[:n]) <= width)
            lines.append(word[:fits])
            word = word[fits:]
        lines.append(word)
    return [line for line in lines if line]


@lru_cache(maxsize=32)
def _font(name: str, size: int, weight: int):
    font = ImageFont.truetype(FONTS / f"{name}-latin-wght-normal.woff2", size)
    font.set_variation_by_axes([weight])
    return font

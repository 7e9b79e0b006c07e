"""What an uploaded picture must pass, and what is left of it."""

import io
import random
import struct
import zlib

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError
from django.urls import reverse
from PIL import Image, PngImagePlugin

from articles.models import Picture
from articles.pictures import (
    LONGEST_SIDE,
    RefusedPicture,
    add_picture,
    clean_picture,
    keep_picture,
)
from tests.factories import make_member, picture_bytes

SECRET = b"51.5007 N, 0.1246 W, taken by Ana"


def opened(data):
    return Image.open(io.BytesIO(clean_picture(data).content.read()))


def with_exif(kind):
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x8825] = {1: "N", 2: (51.0, 30.0, 26.0)}
    return picture_bytes(kind, exif=exif)


def png_with_text():
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET.decode())
    return picture_bytes("PNG", pnginfo=info)


@pytest.mark.parametrize(
    "data",
    [
        with_exif("JPEG"),
        with_exif("WEBP"),
        with_exif("PNG"),
        picture_bytes("JPEG", comment=SECRET),
        picture_bytes("GIF", mode="P", color=3, comment=SECRET),
        picture_bytes("JPEG") + SECRET,
        picture_bytes("PNG") + b"PK\x03\x04" + SECRET,
        picture_bytes("JPEG", icc_profile=SECRET * 20),
        png_with_text(),
    ],
    ids=[
        "jpeg",
        "webp",
        "png",
        "jpeg comment",
        "gif comment",
        "tail",
        "zip tail",
        "icc",
        "png text",
    ],
)
def test_no_metadata_comment_profile_or_trailing_byte_is_kept(data):
    assert SECRET in data
    clean = clean_picture(data).content.read()
    assert SECRET not in clean
    with Image.open(io.BytesIO(clean)) as image:
        assert not image.getexif()
        assert not {"comment", "icc_profile", "exif", "Comment"} & image.info.keys()


@pytest.mark.parametrize(
    ("kind", "mode", "color"),
    [
        ("JPEG", "CMYK", (0, 0, 0, 0)),
        ("JPEG", "L", 255),
        ("PNG", "P", 1),
        ("PNG", "RGBA", (0, 0, 0, 0)),
        ("PNG", "LA", (0, 0)),
        ("PNG", "1", 1),
        ("PNG", "I;16", 60000),
        ("GIF", "P", 1),
        ("WEBP", "RGBA", (0, 0, 0, 0)),
        ("AVIF", "RGB", (255, 255, 255)),
    ],
)
def test_every_usual_kind_becomes_plain_red_green_and_blue(kind, mode, color):
    image = opened(picture_bytes(kind, mode=mode, color=color))
    assert image.mode == "RGB" and image.size == (60, 40) and image.format in {"PNG", "JPEG"}


def test_transparent_becomes_white():
    assert opened(picture_bytes("PNG", mode="RGBA", color=(0, 0, 0, 0))).getpixel((5, 5)) == (
        255,
        255,
        255,
    )


def test_an_animation_shows_its_first_frame():
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "blue")]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    image = opened(file.getvalue())
    assert getattr(image, "n_frames", 1) == 1 and image.getpixel((3, 3))[0] > 200


def test_a_picture_lying_on_its_side_is_turned_and_a_large_one_made_smaller():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert opened(picture_bytes("JPEG", size=(60, 40), exif=exif)).size == (40, 60)
    assert max(opened(picture_bytes("PNG", size=(3_000, 200))).size) == LONGEST_SIDE


@pytest.mark.parametrize(
    ("kind", "size", "sentence"),
    [
        ("PNG", (30_000, 30_000), "million pixels or fewer"),
        ("PNG", (5_000, 5_000), "20 million pixels or fewer; this one has 5,000 by 5,000"),
    ],
)
def test_a_picture_of_too_many_pixels_is_told_so(kind, size, sentence):
    with pytest.raises(RefusedPicture, match=sentence):
        clean_picture(png_that_claims(*size))


def test_sixteen_bits_of_gray_stay_gray():
    image = opened(picture_bytes("PNG", mode="I;16", color=30_000))
    assert all(abs(level - 117) <= 2 for level in image.getpixel((5, 5)))


def png_that_claims(width, height):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", header),
            (b"IDAT", zlib.compress(b"\0" * 1000)),
            (b"IEND", b""),
        )
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a<script>alert(1)</script>",
        b"\xff\xd8\xff\xe0",
        b"%PDF-1.4",
        b"\x89PNG\r\n\x1a\n",
        picture_bytes("JPEG", size=(300, 300))[:400],
        picture_bytes("PNG", size=(300, 300))[:80],
        picture_bytes("TIFF"),
        picture_bytes("BMP"),
        picture_bytes("ICO", size=(16, 16)),
        png_that_claims(30_000, 30_000),
        png_that_claims(100_000, 100_000),
        png_that_claims(0, 10),
        b"0" * (15 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(data):
    with pytest.raises(RefusedPicture) as refused:
        clean_picture(data)
    assert str(refused.value).startswith("Choose a picture")


def test_ten_thousand_broken_bytes_never_raise_anything_else():
    """Damage real files at random places; a fixed seed makes a failure repeatable."""
    dice = random.Random(7)
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "AVIF"):
        whole = picture_bytes(kind, size=(40, 30))
        for _ in range(60):
            broken = bytearray(whole)
            for _ in range(dice.randint(1, 12)):
                broken[dice.randrange(len(broken))] = dice.randrange(256)
            try:
                clean_picture(bytes(broken[: dice.randint(10, len(broken))]))
            except RefusedPicture:
                continue


@pytest.fixture
def media(settings, tmp_path):
    """A folder of its own, and a worker that does its work at once."""
    settings.MEDIA_ROOT = tmp_path
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
    return tmp_path


@pytest.mark.django_db
def test_sizes_are_made_in_three_formats_and_never_larger_than_the_picture(media):
    picture = add_picture("shore.png", picture_bytes(size=(1_000, 500)))
    picture.refresh_from_db()
    assert {kind: list(sizes) for kind, sizes in picture.renditions.items()} == {
        "AVIF": [400, 800],
        "WEBP": [400, 800],
        "JPEG": [400, 800],
    }
    for path in media.rglob("*w.*"):
        with Image.open(path) as image:
            assert image.width <= 1_000 and abs(image.width / image.height - 2) < 0.02
    assert [source["type"] for source in picture.sources] == ["image/avif", "image/webp"]


@pytest.mark.django_db
def test_until_the_sizes_are_made_the_master_is_shown(media):
    picture = add_picture("shore.png", picture_bytes(size=(1_000, 500)))
    Picture.objects.update(renditions_made_at=None)
    picture.refresh_from_db()
    assert picture.sources == [] and picture.url == picture.image.url


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("My Photo.JPG", "my-photo.jpg"),
        ("📷.png", "picture.png"),
        ("..png", "picture.png"),
        ("!!!", "picture"),
        ("a.p g)", "a"),
        ("x" * 300 + ".webp", "x" * 80 + ".webp"),
        ("Łucja & söhne.png", "ucja-sohne.png"),
    ],
)
def test_every_file_gets_a_name_that_a_text_can_use(media, file_name, name):
    assert add_picture(file_name, picture_bytes()).name == name


@pytest.mark.django_db
def test_two_files_of_one_name_are_two_pictures(media):
    first = add_picture("image.png", picture_bytes(color=(1, 2, 3)))
    second = add_picture("image.png", picture_bytes(color=(9, 9, 9)))
    assert (first.name, second.name) == ("image.png", "image-2.png")


@pytest.mark.django_db(transaction=True)
def test_a_picture_that_is_replaced_or_deleted_is_gone_with_all_its_sizes(media):
    picture = add_picture("shore.png", picture_bytes(size=(900, 600)))
    first = {path.name for path in media.rglob("*") if path.is_file()}
    keep_picture(picture, clean_picture(picture_bytes(size=(900, 600), color=(9, 9, 9))))
    second = {path for path in media.rglob("*") if path.is_file()}
    assert len(second) == len(first) == 7
    picture.delete()
    assert not [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.django_db(transaction=True)
def test_a_picture_that_could_not_be_saved_leaves_no_file(media):
    with pytest.raises(DataError):
        keep_picture(Picture(name="x" * 200), clean_picture(picture_bytes()))
    assert not [path for path in media.rglob("*") if path.is_file()]


def upload(client, data, name="photo.jpg"):
    return client.post(
        reverse("admin:articles_picture_upload"),
        {"image": SimpleUploadedFile(name, data, "image/jpeg")},
        secure=True,
    )


@pytest.mark.django_db
def test_an_editor_drops_a_picture_into_a_text(client, media):
    client.force_login(make_member(editor=True))
    answer = upload(client, picture_bytes("JPEG"), "My Photo.JPG")
    assert answer.json() == {
        "image_code": "![What it shows](picture:my-photo.jpg)",
        "name": "my-photo.jpg",
    }
    assert Picture.objects.get().name == "my-photo.jpg"


@pytest.mark.django_db
def test_a_refused_picture_leaves_nothing_behind(client, media):
    client.force_login(make_member(editor=True))
    answer = upload(client, b"<svg onload=alert(1)>", "x.svg")
    assert answer.status_code == 400 and "Choose a picture" in answer.json()["image_code"]
    assert not Picture.objects.exists() and not any(p.is_file() for p in media.rglob("*"))


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["nobody", "member", "staff without rights"])
def test_only_staff_with_the_right_may_upload_or_preview(client, media, who):
    if who != "nobody":
        client.force_login(make_member(staff=who.startswith("staff")))
    assert upload(client, picture_bytes()).status_code in {302, 403}
    preview = client.post(reverse("admin:articles_article_preview"), {"content": "x"}, secure=True)
    assert preview.status_code in {302, 403}
    assert not Picture.objects.exists()


@pytest.mark.django_db
def test_a_media_file_is_a_picture_and_nothing_else(client, media):
    picture = add_picture("shore.png", picture_bytes())
    answer = client.get(picture.image.url, secure=True)
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "immutable" in answer["Cache-Control"]
    assert b"".join(answer).startswith(b"\x89PNG")
    answer.close()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["../../manage.py", "x.html", "x.svg", "%2e%2e/x.png", "a%00b.png", "missing.png", "."]
)
def test_no_other_file_is_ever_answered(client, media, name):
    (media / "x.html").write_text("<script>alert(1)</script>")
    assert client.get(settings.MEDIA_URL + name, secure=True).status_code == 404

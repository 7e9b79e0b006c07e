"""Static files as production serves them: fingerprinted, compressed twice, kept for good."""

import json
from io import StringIO

import pytest
import tinycss2
from django.core.management import call_command
from django.http import HttpResponse
from django.test import RequestFactory
from whitenoise.middleware import WhiteNoiseMiddleware

from advocacy_site.settings import base
from advocacy_site.static_storage import small_css

STYLESHEETS = sorted((base.ROOT / "static/css").rglob("*.css"))

pytestmark = pytest.mark.django_db  # closing an answer looks after the connections


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    return tmp_path_factory.mktemp("static")


def test_files_are_fingerprinted_compressed_and_immutable(settings, collected):
    settings.STORAGES = base.STORAGES
    settings.STATIC_ROOT = collected
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    call_command("collectstatic", interactive=False, stdout=StringIO())
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]
    name = names["css/tokens.css"]
    assert name != "css/tokens.css"
    assert (collected / f"{name}.br").exists() and (collected / f"{name}.gz").exists()
    fonts = (collected / names["css/fonts.css"]).read_text()
    assert names["fonts/literata-latin-wght-normal.woff2"].removeprefix("fonts/") in fonts

    serve = WhiteNoiseMiddleware(lambda request: HttpResponse(status=404))
    for encoding in ("br", "gzip"):
        answer = serve(
            RequestFactory().get(f"/static/{name}", headers={"Accept-Encoding": encoding})
        )
        assert answer["Content-Encoding"] == encoding
        assert answer["Cache-Control"] == "max-age=315360000, public, immutable"
        answer.close()
    for path in collected.glob("css/**/*.css"):
        assert path.stat().st_size > 100 and b"/*" not in path.read_bytes(), path


def meaning_of(css: bytes) -> list[str]:
    """Every rule in its order, with the spaces that mean nothing left out."""
    rules = tinycss2.parse_stylesheet_bytes(css, skip_comments=True, skip_whitespace=True)[0]
    return [rule for each in rules for rule in flat(each)]


def flat(rule):
    said = " ".join(tinycss2.serialize(rule.prelude).split())
    if not rule.content:
        return [said]
    inner = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    parts = [said]
    for part in inner:
        if part.type == "declaration":
            parts.append(f"{part.name}: {' '.join(tinycss2.serialize(part.value).split())}")
        else:
            parts += flat(part)
    return parts


@pytest.mark.parametrize(
    "path", sorted((base.ROOT / "static/css").rglob("*.css")), ids=lambda path: path.name
)
def test_leaving_out_spaces_changes_no_rule(path):
    css = path.read_bytes()
    assert meaning_of(small_css(css)) == meaning_of(css)
    assert len(small_css(css)) < len(css)

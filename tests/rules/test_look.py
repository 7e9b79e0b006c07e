"""Rules of the look: readable colors, written in one place, and templates within the frame."""

import re
from itertools import product
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

ROOT = Path(__file__).resolve().parent.parent.parent
CSS = ROOT / "static" / "css"
TEMPLATES = ROOT / "templates"

TEXT = 7.0
MARK = 3.0

# Mail programs know no stylesheets, so letters carry their styles and colors inline.
PAGES = sorted(
    path for path in TEMPLATES.rglob("*.html") if path.relative_to(TEMPLATES).parts[0] != "email"
)
STYLESHEETS = sorted(CSS.rglob("*.css"))

# The frame itself; the admin has one of its own, and 400 and 500 extend _bare.html.
FRAMELESS = {"base.html"}


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def declarations(selector: str) -> dict[str, str]:
    """The custom properties set under exactly this selector in tokens.css."""
    css = without_comments((CSS / "tokens.css").read_text())
    for found, block in re.findall(r"([^{};]+)\{([^{}]*)\}", css):
        if found.strip() == selector and "--paper" in block:
            return dict(re.findall(r"(--[\w-]+):\s*([^;]+);", block))
    raise AssertionError(f"tokens.css sets no --paper under {selector}")


LIGHT = declarations(":root")
DARK_BY_DEVICE = declarations(":root:not([data-theme=light])")
DARK_BY_CHOICE = declarations(":root[data-theme=dark]")
THEMES = {"light": LIGHT, "dark": LIGHT | DARK_BY_DEVICE}


def color(theme: str, name: str) -> str:
    value = THEMES[theme][f"--{name}"]
    while value.startswith("var("):
        value = THEMES[theme][value[4:-1]]
    return value


def luminance(color: str) -> float:
    """Relative luminance of WCAG 2, for #rrggbb."""
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


GROUNDS = ["paper", "surface", "sunken"]
TINTS = ["teal-tint", "green-tint", "rose-tint", "amber-tint", "red-tint"]
PAIRS = [
    *(
        (text, ground, TEXT)
        for text, ground in product(
            ["ink", "ink-2", "teal", "teal-deep", "plum", "link", "link-hover", "visited"],
            GROUNDS + TINTS,
        )
    ),
    *(("line-strong", ground, MARK) for ground in GROUNDS + TINTS),
    *(
        (name, ground, TEXT)
        for name in ["green", "rose", "amber", "red"]
        for ground in [*GROUNDS, f"{name}-tint"]
    ),
    *(
        ("on-btn", ground, TEXT)
        for ground in ["btn", "btn-hover", "green", "rose", "amber", "plum"]
    ),
    *(product(["on-deep", "on-deep-2"], ["deep", "deep-2"], [TEXT])),
    ("on-deep-btn-ink", "on-deep-btn", TEXT),
    ("on-deep-btn-ink", "on-deep-2", TEXT),
    ("focus-ink", "focus", TEXT),
    ("surface", "red", TEXT),
    *product(["bar-a", "bar-b", "bar-c", "bar-d"], ["bar-track", "surface"], [MARK]),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_colors_can_be_read(theme, front, ground, least):
    assert contrast(color(theme, front), color(theme, ground)) >= least


def test_dark_by_device_and_dark_by_choice_are_the_same():
    assert DARK_BY_DEVICE == DARK_BY_CHOICE


def test_the_browser_frame_has_the_color_of_the_paper():
    base = (TEMPLATES / "base.html").read_text()
    for theme in THEMES:
        assert (
            f'<meta name="theme-color" content="{color(theme, "paper")}"'
            f' media="(prefers-color-scheme: {theme})">'
        ) in base


@pytest.mark.parametrize(
    "path", [path for path in STYLESHEETS if path.name != "tokens.css"], ids=lambda path: path.name
)
def test_colors_are_written_in_tokens_only(path):
    css = re.sub(r"--[\w-]+|url\([^)]*\)", "", without_comments(path.read_text()))
    values = " ; ".join(re.findall(r":\s*([^;{}]+)[;}]", css))
    named = r"\b(?:white|black|gr[ae]y|red|green|blue|silver|navy|teal)\b"
    if path.name == "print.css":
        named = r"\b(?:red|green|blue|silver|navy|teal)\b"  # black ink on white paper has no roles
    raw = re.findall(
        rf"#[0-9a-f]{{3,8}}\b|\b(?:rgba?|hsla?|hwb|(?:ok)?la?[bc]h?)\(|{named}", values, re.I
    )
    assert raw == []


def test_the_order_of_the_layers_is_fixed_by_the_first_stylesheet():
    linked = re.findall(
        r'rel="stylesheet" href="{% static "css/([^"]+)"',
        (TEMPLATES / "_fonts_and_frame_css.html").read_text(),
    )
    first = without_comments((CSS / linked[0]).read_text()).strip()
    assert first.startswith("@layer tokens, base, layout, components, states, print;")


@pytest.mark.parametrize("path", STYLESHEETS, ids=lambda path: path.name)
def test_every_stylesheet_stays_in_a_layer_and_on_this_site(path):
    css = without_comments(path.read_text())
    assert "@import" not in css
    for address in re.findall(r"url\(\"?([^)\"]+)", css):
        assert address.startswith("../"), "only a relative address gets a fingerprint"
        assert (path.parent / address).is_file()
    outside = re.sub(r"@font-face\s*\{[^}]*\}", "", css)
    while "{" in outside and outside != (inner := re.sub(r"\{[^{}]*\}", "", outside)):
        outside = inner
    if not path.name.startswith("admin"):  # Django's own admin styles are in no layer and would win
        assert all(
            line.strip().startswith("@layer") for line in outside.splitlines() if line.strip()
        )


def name_of(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_templates_hold_no_inline_style_script_or_handler(path):
    html = path.read_text()
    assert not re.search(
        r"<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", html, re.IGNORECASE
    )
    for attributes, body in re.findall(r"<script\b([^>]*)>(.*?)</script>", html, re.DOTALL):
        assert "src=" in attributes
        assert not body.strip()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_templates_do_not_declare_text_safe(path):
    assert not re.search(r"\|\s*safe\b|{%\s*autoescape off|\|\s*safeseq\b", path.read_text())


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_page_extends_the_frame_and_every_part_says_what_it_needs(path):
    html = path.read_text()
    if path.name.startswith("_"):
        first, _, rest = html.partition("\n")
        assert re.fullmatch(r"{# .+ #}", first)
        assert "{#" not in rest
    elif name_of(path) not in FRAMELESS:
        assert html.startswith("{% extends ")


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_templates_link_to_something(path):
    assert not re.search(r'href="#?"', path.read_text())


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_static_files_that_a_template_names_are_there(path):
    for name in re.findall(r'{% static "([^"]+)" %}', path.read_text()):
        assert finders.find(name), name

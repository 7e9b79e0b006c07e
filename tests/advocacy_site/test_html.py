"""The gate from Markdown to HTML: what passes, and what never does."""

import re

import bleach
import html5lib
import pytest

from advocacy_site.html import clean, render_prose


def html(source):
    return render_prose(source).html


def problems(source):
    return [str(problem) for problem in render_prose(source).problems]


def test_headings_begin_below_the_title_and_skip_no_level():
    prose = render_prose("# One\n\n##### Two\n\n## Three\n\n#### Four\n")
    assert re.findall(r"<(h\d)", prose.html) == ["h2", "h3", "h2", "h3"]
    assert [part["text"] for part in prose.contents] == ["One", "Three"]


def test_two_headings_of_the_same_words_have_two_addresses():
    ids = [part["id"] for part in render_prose("## Ask\n\n## Ask\n").contents]
    assert len(set(ids)) == 2


def test_one_source_has_one_number_and_a_way_back_for_each_use():
    prose = render_prose(
        "First.[^late] Second.[^early] Third.[^late]\n\n"
        "[^early]: Early, 2014.\n[^late]: Late, 2020.\n"
    )
    assert re.findall(r'aria-label="Source (\d)">(\d)</a>', prose.html) == [
        ("1", "1"),
        ("2", "2"),
        ("1", "1"),
    ]
    assert prose.sources_html.index("Late") < prose.sources_html.index("Early")
    targets = set(re.findall(r'href="#(use-[^"]+)"', prose.sources_html))
    assert targets == set(re.findall(r'id="(use-[^"]+)"', prose.html)) and len(targets) == 3


def test_survival_numbers_are_closed_and_the_sentence_about_groups_is_read_first():
    made = html("::: survival\nAbout 1 in 3.\n:::\n")
    assert "<details" in made and "open" not in made.split("<summary>")[0]
    before = made.split("<details")[0]
    assert "cannot say what will happen to one person" in before


def test_a_poll_keeps_an_empty_place_and_only_in_a_paragraph_of_its_own():
    assert '<div class="poll-place" data-poll="tea-or-coffee"></div>' in html(
        "Text.\n\n[[poll:tea-or-coffee]]\n"
    )
    assert "data-poll" not in html("In [[poll:tea-or-coffee]] a text.")


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<iframe src='https://example.org'></iframe>",
        "<form action='https://example.org'><input name=q></form>",
        "<p style='position:fixed'>over it all</p>",
        "<style>body{display:none}</style>",
        "<svg><animate onbegin=alert(1)></svg>",
        "<a href='javascript:alert(1)'>x</a>",
        "<base href='https://example.org'>",
        "<meta http-equiv=refresh content=0>",
        "<!--><img src=x onerror=alert(1)>-->",
        "<math><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:msgbox)",
        "[x](//example.org/elsewhere)",
        "[x](/\\example.org)",
        "![x](data:image/png;base64,AAAA)",
        "![x](https://example.org/pixel.gif)",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        '[x](/a "onmouseover=alert(1)")',
        "[a [b](/b) c](/a)",
        "::: quote <img src=x onerror=alert(1)>\nx\n:::",
        "::: note <script>alert(1)</script>\nx\n:::",
        "## <img src=x onerror=alert(1)>",
        "[^x]\n\n[^x]: <script>alert(1)</script> [y](javascript:alert(1))",
        "`<script>`\n\n```\n<script>alert(1)</script>\n```",
    ],
)
def test_nothing_dangerous_passes(attack):
    prose = render_prose(attack)
    tree = html5lib.parseFragment(prose.html + prose.sources_html, namespaceHTMLElements=False)
    for element in tree.iter():
        assert element.tag not in {
            *("script", "iframe", "form", "input", "style", "svg", "math", "base", "meta", "object")
        }
        for name, value in element.attrib.items():
            assert not name.startswith("on") and name != "style"
            if name in {"href", "src"}:
                assert re.match(r"(https?://|mailto:|tel:|/[^/\\]|#)", value), value
    assert not tree.findall(".//img")
    assert not tree.findall(".//a//a")


@pytest.mark.parametrize(
    "odd",
    [
        "javascript:1",
        "javascript:`1`",
        "javascript:80`1`",
        "x-javascript:1",
        "data:1",
        "vbscript:1",
    ],
)
def test_the_second_cleaner_has_the_last_word_on_what_the_first_lets_through(odd):
    """bleach 6.4 takes these for addresses on this site."""
    link = f'<a href="{odd}">x</a>'
    assert "href" in bleach.clean(link, tags={"a"}, attributes={"a": ["href"]})
    assert clean(link, {"a": {"href"}}) == "<a>x</a>"


@pytest.mark.parametrize("odd", ["1javascript:alert(1)", "123:javascript"])
def test_the_first_cleaner_drops_what_the_second_would_keep(odd):
    assert clean(f'<a href="{odd}">x</a>', {"a": {"href"}}) == "<a>x</a>"


def test_links_to_elsewhere_give_the_other_site_no_handle_on_ours():
    assert 'rel="noopener"' in html("[x](https://example.org/)")
    assert "rel" not in html("[x](/rules/)")


def test_a_poll_mark_inside_a_source_stays_text():
    assert "[[poll:zz]]" in render_prose("x[^a]\n\n[^a]: [[poll:zz]]\n").sources_html


def test_paragraphs_of_a_source_stay_apart():
    assert "one two" in render_prose("x[^a]\n\n[^a]: one\n\n    two\n").sources_html


def test_a_block_inside_a_block_needs_one_colon_less():
    inside = "::: note Careful.\nText.\n\n::: survival\nNumbers.\n:::\n:::\n"
    assert problems(inside) == [
        "Line 1: Open and close this block with 4 colons: another is inside it."
    ]
    assert problems(inside.replace("::: note", ":::: note").removesuffix(":::\n") + "::::\n") == []


def test_html_is_well_formed():
    source = (
        "Text *with* **marks** `code`.[^a]\n\n> Quote\n\n- a\n- b\n\n1. c\n\n| a | b |\n|--|:-:|\n"
        "| 1 | 2 |\n\n::: help Now\nText.\n\n- [988](tel:988) any hour\n:::\n\n"
        "::: number 3 in 4\nx\n\ny\n:::\n\n"
        "::: rules\n1. ### Be kind\n\n   Always.\n:::\n\n---\n\n[^a]: Source.\n"
    )
    prose = render_prose(source)
    parser = html5lib.HTMLParser(strict=True)
    parser.parseFragment(prose.html + prose.sources_html)
    assert prose.problems == []


def test_writers_hear_what_does_not_fit_together_line_by_line():
    assert problems("One.[^a]\n\n[^b]: B.\n\n::: quote\n::: fish\n") == [
        "Line 1: Add the source: a line that starts with [^a]:",
        "Line 3: Cite this source in the text with [^b], or remove the line.",
        'Line 5: Close the block "quote" with a line of 3 colons.',
        'Line 6: There is no block "fish". Use one of: '
        "fine, help, note, number, quote, rules, steps, survival.",
    ]
    assert problems("![A cat](picture:cat.png)") == [
        'Line 1: There is no picture "cat.png". Upload it, then write picture: and its name.'
    ]


def test_words_are_counted_without_marks_and_addresses():
    assert (
        render_prose("## Two words\n\nAnd [three more words](https://example.org/a/b/c).").words
        == 6
    )

"""What the text field says beside itself."""

import time

import pytest

from advocacy_site.markdown.bounds import check_bounds
from articles.writing_help import alt_problem, errors_in, help_with


def advice(source):
    return [(a.line, a.text) for a in help_with(source).advice]


def errors(source):
    return [(e.line, e.text) for e in errors_in(source)]


def test_words_and_reading_time():
    found = help_with("## A heading\n\n" + "word " * 400 + "\n\n[^a]: not counted at all\n")
    assert found.words == 402 and found.reading_time == "about 3 minutes"
    assert help_with("").reading_time == "about 1 minute"


def test_a_good_text_gets_no_advice():
    text = (
        "## Rest\n\nIn 2020 we asked. About 3 in 4 said yes.[^a] See [the rules](/rules/).\n\n"
        "### More\n\n1. One thing.\n\n[^a]: Smith, 2020. 1,200 people.\n"
    )
    assert advice(text) == [] and errors(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{'word ' * 26}.", "has 26 words"),
        ("# Top", "Begin headings with ##"),
        ("## A\n\n#### B", "Use ### here"),
        ("[here](https://example.org)", "does not say where the link leads"),
        ("[Click here.](/x/)", "does not say where"),
        ("About 74.6% of women.", "cite where this number"),
        ("More than 168,000 people.", "cite where"),
        ("3 in 4 women.", "cite where"),
    ],
)
def test_advice_names_the_line(text, said):
    (found,) = advice(f"\n{text}\n")
    assert said in found[1] and found[0] == (4 if "####" in text else 2)


def test_25_words_are_fine_and_short_sentences_in_one_line_too():
    assert advice(f"{'word ' * 24}word.") == []
    assert advice(f"{'Word ' * 20}end. {'Word ' * 20}end.") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("![](picture:a.png)", "what the picture shows"),
        ("![IMG_2041.jpg](picture:a.png)", "is the name of a file"),
        ("![shore.png](picture:shore.png)", "is the name of a file"),
        ("![What it shows](picture:a.png)", "Replace"),
        ("Claim.[^a]", "Add the source"),
        ("[^a]: Source.", "Cite this source"),
        ("::: quote A\ntext", "Close the block"),
    ],
)
def test_errors_block(text, said):
    assert any(said in found for _, found in errors(text))


def test_code_is_left_alone():
    assert errors("```\n![](picture:x.png) [^a]\n# no\n```") == []


def test_a_description_that_mentions_a_picture_is_fine():
    assert alt_problem("A picture of a shore at dawn") == ""


def test_help_is_quick_on_a_long_hostile_text():
    started = time.perf_counter()
    for text in (
        *("a" * 8_000, "[" * 4_000, ". A" * 2_600, "![" * 2_000, "[x](" * 1_300),
        *("1,000 " * 1_300, "[^" * 399, ". " * 4_000, "“" * 8_000, "1," * 4_000),
    ):
        check_bounds(text)
        help_with(text)
    assert time.perf_counter() - started < 1

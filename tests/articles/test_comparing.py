"""Two revisions side by side: readable, and never longer in the making than anyone waits."""

import time

import pytest

from advocacy_site.markdown.bounds import check_bounds
from articles.comparing import compare, compare_texts
from articles.revisions import blank_content
from articles.writing_help import help_with


def pieces(one, other):
    return [(piece.kind, piece.text) for line in compare_texts(one, other) for piece in line.pieces]


def test_the_word_that_changed_is_marked_and_no_other():
    assert pieces("The old word stays.", "The new word stays.") == [
        ("same", "The "),
        ("removed", "old "),
        ("added", "new "),
        ("same", "word stays."),
    ]


def test_lines_far_from_a_change_are_left_out():
    before = "\n".join(f"Line {number}." for number in range(40))
    lines = list(compare_texts(before, before.replace("Line 20.", "Line twenty.")))
    assert [line.skipped for line in lines if line.skipped] == [19, 18]
    assert len(lines) == 5


def test_both_texts_are_there_whole_whatever_was_changed():
    one = "A first line.\n\nThe second has words.\nThird.\n"
    other = "A first line, longer.\nThe second has other words.\n\nFourth.\nThird.\n"
    found = [(kind, text) for kind, text in pieces(one, other)]
    for kind, text in (("removed", one), ("added", other)):
        shown = "".join(piece for other_kind, piece in found if other_kind in {kind, "same"})
        assert shown.replace("\n", "") == text.replace("\n", "")


def test_the_order_of_content_notes_is_no_change():
    one = blank_content() | {"content_notes": ["death", "survival"]}
    other = blank_content() | {"content_notes": ["survival", "death"]}
    assert compare(one, other) == []
    assert [c.label for c in compare(one, one | {"content_notes": []})] == ["Content notes"]


def test_a_revision_from_before_a_field_was_there_is_compared():
    old = blank_content()
    del old["hero_focus"]
    assert [c.label for c in compare(old, blank_content() | {"hero_focus": "left"})] == [
        "Focus of the picture"
    ]


BOMBS = {
    "one word again and again": ("\n".join(["a " * 1450] * 5), "\n".join(["a b " * 700] * 5)),
    "empty lines": ("x\n" + "\n" * 20_000, "y\n" + "\n" * 20_000 + "z"),
    "alternating lines": ("a\nb\n" * 550, "b\na\na\n" * 380),
    "few words in another order": (
        "\n".join([" ".join(str(n % 50) for n in range(1450))] * 5),
        "\n".join([" ".join(str(n * 7 % 50) for n in range(1450))] * 5),
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_two_texts_within_the_bounds_keep_the_site_busy(name):
    one, other = BOMBS[name]
    check_bounds(one)
    check_bounds(other)
    began = time.monotonic()
    assert list(compare_texts(one, other))
    assert time.monotonic() - began < 5  # forty seconds and more before


@pytest.mark.parametrize(
    "text", ["1" * 8_000, "1." * 4_000, "1,111" * 1_600, "1 in " * 1_600, "1 " * 4_000]
)
def test_no_text_within_the_bounds_keeps_the_writing_help_busy(text):
    source = f"{text}\n" * 6
    check_bounds(source)
    began = time.monotonic()
    help_with(source)
    assert time.monotonic() - began < 2

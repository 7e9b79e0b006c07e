"""Links and ways to find a person are seen; lab values, doses and dates are left alone."""

import time

import pytest

from advocacy_site.html import render_comment
from community.comments import shapes


@pytest.mark.parametrize(
    "text",
    [
        "Write to ana@example.com",
        "ana (at) example dot com",
        "ana @ example . com",
        "Call 555-0123",
        "Call +1 (617) 555-0142 tonight",
        "617.555.0142",
        "06 12 34 56 78",
        "6175550142",
        "I live at 12 Harbor View Road",
        "Hauptstraße 12",
        "P.O. Box 44",
        "Boston, MA 02115",
        "MRN 00482913",
        "my patient number is 4829-1377",
        "NHS no. 943 476 5919",
        "000-12-3456",
    ],
)
def test_a_contact_detail_is_seen(text):
    assert shapes.contacts_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "On 11/23/2026 and 2026-11-23 I had scans.",
        "Diagnosed 2019-2023, stable 2020, 2021, 2022.",
        "125 mg for 21 days, 3 weeks on, 1 off",
        "My markers were 28, 32, 45 and 60.",
        "Markers 28 32 45 60 71",
        "15,000,000 people",
        "CA 15-3 was 1,250.5 and then 980",
        "@ home, 10 out of 10",
        "Meet me at the hospital at 10:30, room 4",
        "5:1:5 and 4-6 hours",
    ],
)
def test_numbers_of_an_illness_are_no_contact_details(text):
    assert shapes.contacts_in(text) == []


@pytest.mark.parametrize(
    "source",
    ["https://example.com", "see example.org/x", "[here](https://a.example)", "wa.me/123",
     "hxxps ://a", "example dot com"],
)  # fmt: skip
def test_a_link_is_seen(source):
    html = render_comment(source)
    assert shapes.link_in(html, shapes.text_of(html))


@pytest.mark.parametrize("text", ["Take it e.g. at 5.30 p.m.", "No. 3.5 mg", "and/or", "Hm...ok"])
def test_a_dot_is_no_link(text):
    html = render_comment(text)
    assert shapes.link_in(html, shapes.text_of(html)) == ""


@pytest.mark.parametrize(
    "text",
    ["1" * 3000, "1 " * 1500, "(1" * 1500, "a@" * 1500, "a at " * 600, "@" * 3000, "1-" * 1500,
     "1 A " * 750, "patient " * 375, "at a dot " * 333, "5 " + "Aa " * 999, "\u2003" * 3000],
)  # fmt: skip
def test_no_text_can_hang_the_shapes(text):
    start = time.process_time()
    shapes.contacts_in(text)
    shapes.link_in("", text)
    assert time.process_time() - start < 0.5

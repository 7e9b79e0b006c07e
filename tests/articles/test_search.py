"""Search as readers meet it, and the words that try to break it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from articles.missed_searches import drop_old_misses, record_miss
from articles.models import MissedSearch
from tests.factories import make_article, make_topic

pytestmark = pytest.mark.django_db


def find(client, words, **more):
    return client.get("/search/", {"q": words, **more}, secure=True)


def titles(page):
    return [article.title for article, _ in page.context["results"]]


def test_title_comes_before_standfirst_before_text(client):
    make_article(title="In the text", body="All about lanterns.\n")
    make_article(title="In the line below", standfirst="A lantern in a window.")
    make_article(title="Lantern light")
    assert titles(find(client, "lantern")) == ["Lantern light", "In the line below", "In the text"]


def test_phrases_and_minus(client):
    make_article(title="A", body="The scan result came by phone.\n")
    make_article(title="B", body="The result of waiting for a scan.\n")
    assert titles(find(client, '"scan result"')) == ["A"]
    assert set(titles(find(client, "scan result"))) == {"A", "B"}
    assert titles(find(client, "scan -phone")) == ["B"]


def test_only_what_readers_may_see_is_found(client):
    for state in ("draft", "scheduled", "withdrawn"):
        make_article(**{state: True}, title="Hidden pebble")
    assert titles(find(client, "pebble")) == []


def test_a_topic_narrows_it(client):
    make_article(title="A", body="pebble\n", topics=[make_topic("Money")])
    make_article(title="B", body="pebble\n", topics=[make_topic("Living")])
    assert titles(find(client, "pebble", topic="money")) == ["A"]
    assert set(titles(find(client, "pebble", topic="nonsense"))) == {"A", "B"}


def test_the_found_words_are_marked_and_everything_else_is_escaped(client):
    make_article(body="A <b>pebble</b> & `<script>alert(1)</script>` [link](https://example.org)\n")
    html = find(client, "pebble <script>").content.decode()
    assert "<mark>pebble</mark>" in html
    assert "<script>alert" not in html and "&lt;script&gt;" in html and "&amp;amp;" not in html


def test_pages_hold_every_result_once(client):
    for number in range(25):
        make_article(title=f"Pebble {number}")
    seen, after = [], ""
    for _ in range(3):
        page = find(client, "pebble", after=after)
        seen += titles(page)
        after = page.context["found"].older
    assert after == "" and len(seen) == len(set(seen)) == 25


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("x" * 10_000, "200 characters or fewer"),
        ("the of and a", "in nearly every article"),
        ("':*&|!(", "in nearly every article"),
        ('"', "in nearly every article"),
        ("\x00", "Write what you are looking for"),
        ("-", "in nearly every article"),
        ("癌症", "Nothing found"),
        ("سرطان", "Nothing found"),
        ("рак молочной железы", "Nothing found"),
        ("👩🏽‍🦲", None),
        ("\ue000x\ue001", "Nothing found"),
        ("' OR 1=1 --", "Nothing found"),
        ("<script>alert(1)</script>", "Nothing found"),
        ("%s %(x)s {} {0}", "Nothing found"),
    ],
)
def test_odd_words_get_a_clear_sentence(client, words, said):
    make_article()
    page = find(client, words)
    html = page.content.decode()
    assert page.status_code == 200 and (said is None or said in html)
    assert "<script>alert" not in html


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40, "\x00", "1_2"])
def test_an_odd_place_is_the_first_page(client, after):
    make_article(title="Pebble")
    assert titles(find(client, "pebble", after=after)) == ["Pebble"]


def test_words_that_found_nothing_are_counted_without_anyone(client):
    for words in ("Neratinib", "neratinib  ", "ana@example.org", "call 5551234", "the"):
        find(client, words)
    assert list(MissedSearch.objects.values_list("words", "times")) == [("neratinib", 2)]
    fields = {field.name for field in MissedSearch._meta.fields}
    assert fields == {"id", "words", "times", "last_on"}


def test_missed_words_are_dropped_after_90_days():
    record_miss("old")
    MissedSearch.objects.update(last_on=timezone.localdate() - timedelta(days=91))
    record_miss("new")  # also drops
    assert list(MissedSearch.objects.values_list("words", flat=True)) == ["new"]
    assert drop_old_misses() == 0


def test_a_search_costs_the_same_for_one_result_and_for_many(client, django_assert_max_num_queries):
    for number in range(40):
        make_article(title=f"Pebble {number}")
    for words, most in (("pebble", 8), ('"pebble 3"', 8), ("nothing", 11)):  # a miss is counted
        with django_assert_max_num_queries(most):
            find(client, words)

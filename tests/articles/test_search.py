"""Search as readers meet it, and the words that try to break it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from articles.missed_searches import drop_old_misses, record_miss
from articles.models import MissedSearch
from articles.publishing import withdraw
from articles.search import candidates
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


def test_a_page_goes_on_where_it_was_when_its_last_article_is_gone(client):
    for number in range(25):
        make_article(title=f"Pebble {number}")
    first = find(client, "pebble")
    second = find(client, "pebble", after=first.context["found"].older)
    last = first.context["found"].articles[-1]
    withdraw(last, "The numbers were out of date.")
    again = find(client, "pebble", after=first.context["found"].older)
    assert titles(again) == titles(second) and last.title not in titles(again)
    assert "24 articles" in again.text


def test_the_page_says_how_many_and_where_it_looks(client):
    make_topic("Money")
    make_article(title="Pebble")
    assert "1 article<" in " ".join(find(client, "pebble").text.split())
    assert "There is no such topic here" in find(client, "pebble", topic="nothere").text
    assert "Nothing found in Money" in find(client, "pebble", topic="money").text
    assert "There is no such topic here" not in find(client, "pebble", topic="money").text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("x" * 10_000, "200 characters or fewer"),
        ("the of and a", "in nearly every article"),
        ("':*&|!(", "Write a word to look for"),
        ('"', "Write a word to look for"),
        ("\x00", "Write what you are looking for"),
        ("-", "Write a word to look for"),
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


@pytest.mark.parametrize(
    "after", ["x", "-1", "9" * 40, "\x00", "1_2", "nan_1_2", "1_1e999_2", "1_2_³"]
)
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


@pytest.mark.parametrize(
    "words",
    [
        *("scanxiety", "O'Brien", "Katherine O’Brien", "Brien", "lanterns"),
        *("“clinical trial”", '"clinical trial"', "«clinical trial»", "Love Foundation"),
    ],
)
def test_curly_quotes_apostrophes_and_sources_hide_no_word(client, words):
    make_article(
        title="A — lanterns…",
        body="She said “scanxiety”. Katherine O’Brien asked of a “clinical trial”.[^love]\n\n"
        "[^love]: Dr. Susan Love Foundation. 2020\n",
    )
    make_article(title="Another", body="The trial was clinical.\n")
    assert titles(find(client, words)) == ["A — lanterns…"]


@pytest.mark.parametrize("minus", ["-", "–", "−"])
def test_every_minus_that_a_phone_types_leaves_a_word_out(client, minus):
    make_article(title="A", body="A pebble.\n")
    make_article(title="B", body="A pebble and a shell.\n")
    assert titles(find(client, f"pebble {minus}shell")) == ["A"]


def test_an_extract_has_the_quotes_of_the_text(client):
    make_article(body="It doesn’t help. They call it “scanxiety” (“fear”).\n")
    html = find(client, "scanxiety").content.decode()
    assert "doesn’t help. They call it “<mark>scanxiety</mark>” (“fear" in html


@pytest.mark.parametrize("odd", ["zzzz\x00", "\x00", "zz\x0bzz", ":*&|!(", "“"])
def test_words_that_break_other_searches_are_answered_in_a_sentence(client, odd):
    page = find(client, odd)
    assert page.status_code == 200 and titles(page) == []
    if "z" not in odd and odd != "\x00":
        assert "Write a word to look for." in page.content.decode()


def test_no_more_than_so_many_missed_searches_are_kept(monkeypatch):
    monkeypatch.setattr("articles.missed_searches.MOST_ROWS", 3)
    assert [record_miss(f"word {letter}") for letter in "abcd"] == [True, True, True, False]
    assert MissedSearch.objects.count() == 3
    assert record_miss("word a")  # one that is there already still counts


def test_misses_of_more_than_90_days_ago_are_not_shown_even_before_they_are_dropped(admin_client):
    today = timezone.localdate()
    MissedSearch.objects.create(words="long ago", last_on=today - timedelta(days=91))
    MissedSearch.objects.create(words="lately", last_on=today - timedelta(days=90))
    for address in ("/admin/", "/admin/articles/missedsearch/"):
        html = admin_client.get(address, secure=True).content.decode()
        assert "lately" in html and "long ago" not in html


@pytest.mark.parametrize("state", ["draft", "scheduled", "withdrawn"])
def test_candidates_and_cards_each_keep_to_what_readers_may_see(client, monkeypatch, state):
    """Each alone: a page of ten must not come up short, and a late change must not show."""
    hidden = make_article(**{state: True}, title="Hidden pebble")
    assert candidates("pebble", None) == []
    monkeypatch.setattr("articles.search.candidates", lambda words, topic: [(hidden.pk, 1.0, 1.0)])
    assert titles(find(client, "pebble")) == []

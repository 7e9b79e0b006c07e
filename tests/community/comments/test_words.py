"""Bad input: a sentence beside the field or a 404, never a 500, and nothing typed is lost."""

import time
from html import unescape

import pytest

from advocacy_site.html import TooMuch, render_comment
from community.comments import words
from community.comments.models import Comment
from tests.advocacy_site.test_html_bombs import BOMBS
from tests.community.comments.factories import make_comment, rules_in_force
from tests.factories import make_article, make_member

pytestmark = pytest.mark.django_db

BAD = {
    "": "Write your comment first.",
    "   \n\t ": "Write your comment first.",
    "*** --- >>> ___": "Write your comment first.",
    "\u200b\u200d\ufeff": "Write your comment first.",
    "\u202e\u202d": "Write your comment first.",
    "a" * 3001: "Shorten your comment by about 1 word. It may have 3,000 characters",
    "word " * 900: "Shorten your comment by about 250 words.",
    ">" * 1000 + " quoted": "Use 4 quotes or fewer inside each other.",
    "a\x00b": "Remove the unprintable characters",
    "a\x1bb": "Remove the unprintable characters",
    "[" * 700: "Write your comment first.",
    "[a](" * 300: "Use fewer marks",
    "a\n" * 400: "Shorten your comment to 300 lines",
}


@pytest.mark.parametrize("text", BAD, ids=lambda text: repr(text[:12]))
def test_bad_words_get_a_sentence_and_are_not_lost(client, text):
    article = make_article()
    rules = rules_in_force()
    client.force_login(make_member())
    page = client.post(
        f"{article.get_absolute_url()}conversation/",
        {"text": text, "rules": rules.pk},
        secure=True,
    )
    html = unescape(page.content.decode())
    assert page.status_code == 200 and BAD[text] in html
    assert "There is a problem" in html and "<title>Error: " in html
    assert words.tidy(text).replace("\x00", "\x00") in html
    assert not Comment.objects.exists()


GOOD = ["😀", "👩🏽‍🦱 ok", "مرحبا بكم", "日本語で", "Zażółć", "7", "a\u202eb", "1" * 3000]


@pytest.mark.parametrize("text", GOOD)
def test_every_script_and_emoji_can_be_written(client, text):
    member = make_member(display_name="😀 Wren")
    comment = make_comment(text, by=member)
    page = client.get(comment.article.get_absolute_url(), secure=True)
    assert page.status_code == 200
    assert "\u202e" not in page.content.decode()


def test_bytes_that_are_no_text_are_no_error(client):
    article = make_article()
    rules_in_force()
    body = b"text=%ED%A0%80%FF%C0&content_note=%00&form_id=%00&rules=%FF"
    page = client.post(
        f"{article.get_absolute_url()}conversation/",
        body,
        content_type="application/x-www-form-urlencoded",
        secure=True,
    )
    assert page.status_code == 200
    for address in (
        "?after=%00", "?after=99999999999999999999", "?after=-1", "?reply=%ED%A0%80", "?comment=x",
        "?order=%00", "?after=²", "?reply=9223372036854775807",
    ):  # fmt: skip
        assert client.get(article.get_absolute_url() + address, secure=True).status_code == 200
    for address in ("/comments/0/", f"/comments/{2**63 - 1}/", f"/comments/{2**70}/thread/"):
        assert client.get(address, secure=True).status_code == 404
    assert client.get("/notices/mute/forged:token:here/", secure=True).status_code == 404


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_or_harmless(name):
    text = BOMBS[name][:3000]
    words.problem_with("warm")
    start = time.process_time()
    words.problem_with(text)
    assert time.process_time() - start < 0.25


def test_only_the_marks_of_a_comment_become_html():
    html = render_comment(
        "# No heading\n\n![x](http://a.example/p.png) `code` <b onclick=x>raw</b>\n\n"
        "**bold** *soft*\nnew line\n\n- one\n- two\n\n> quoted\n\n"
        "::: note About dying\ninside\n:::\n"
    )
    for wanted in ("<strong>", "<em>", "<br>", "<li>one", "<blockquote>", "About dying</summary>"):
        assert wanted in html
    for unwanted in ("<h1", "<img", "<code", "<b>", "<b ", "<script"):
        assert unwanted not in html


@pytest.mark.parametrize(
    "text",
    ["[x](javascript:alert(1))", "[x](data:text/html,x)", "[x](//evil.example)", "[x](/account/)"],
)
def test_a_link_leads_to_the_web_or_is_no_link(text):
    assert "<a" not in render_comment(text)


def test_links_say_that_they_are_other_peoples_and_bare_addresses_become_links():
    html = render_comment(
        "See https://mbc.org/a and [this](https://b.example). Write to me@mail.org"
    )
    assert html.count('rel="ugc nofollow noopener"') == 2
    assert 'href="https://mbc.org/a"' in html and "mailto" not in html


def test_what_is_too_much_is_said_in_a_sentence():
    with pytest.raises(TooMuch, match="Use fewer marks"):
        render_comment("*a_" * 400)


def test_length_is_told_in_words():
    assert words.length_in_words("one two") == "2 words so far. There is room for about 498 more."

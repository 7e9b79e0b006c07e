"""The magazine as its readers meet it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, FormerSlug
from articles.publishing import NotReady, change_slug, publish, withdraw
from tests.factories import (
    make_article,
    make_contributor,
    make_member,
    make_picture,
    make_policy_version,
    make_topic,
)

pytestmark = pytest.mark.django_db


def get(client, url):
    return client.get(url, secure=True)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.mark.parametrize("state", ["draft", "scheduled"])
def test_what_is_not_published_is_not_there_except_for_editors(client, state):
    article = make_article(**{state: True}, topics=[make_topic("Living")], by=[make_contributor()])
    everywhere = [
        article.get_absolute_url(),
        reverse("articles:home"),
        reverse("articles:list"),
        reverse("articles:topic", args=["living"]),
        article.contributor_list[0].get_absolute_url(),
    ]
    for who in (None, make_member(), make_member(staff=True)):
        if who:
            client.force_login(who)
        assert get(client, everywhere[0]).status_code == 404
        assert not any(article.title in get(client, url).content.decode() for url in everywhere[1:])
    client.force_login(make_member(editor=True))
    page = get(client, article.get_absolute_url())
    assert page.status_code == 200 and "Only editors can see this page" in page.content.decode()


def test_a_scheduled_article_appears_by_the_clock(client):
    article = make_article(scheduled=True)
    Article.objects.update(published_at=timezone.now() - timedelta(seconds=1))
    assert get(client, article.get_absolute_url()).status_code == 200
    Article.objects.update(
        withdraw_at=timezone.now() + timedelta(seconds=60), withdrawal_reason="It has an end."
    )
    assert get(client, article.get_absolute_url()).status_code == 200


def test_a_draft_cannot_be_withdrawn_and_so_shows_nothing_of_itself(client):
    article = make_article(draft=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Article.objects.update(withdraw_at=timezone.now(), withdrawal_reason="x")
    assert get(client, article.get_absolute_url()).status_code == 404


def test_nothing_tells_a_draft_from_an_address_where_nothing_is(client):
    article = make_article(draft=True)
    FormerSlug.objects.create(slug="moved", article=article)
    missing = get(client, "/articles/nowhere/")
    for url in (article.get_absolute_url(), "/articles/moved/"):
        page = get(client, url)
        assert page.status_code == 404
        assert page.headers.keys() == missing.headers.keys() and page["Vary"] == missing["Vary"]


def test_a_withdrawn_article_says_why(client):
    article = make_article(withdrawn=True)
    page = get(client, article.get_absolute_url())
    assert page.status_code == 410 and "The numbers were out of date." in page.content.decode()
    assert article.title not in get(client, reverse("articles:list")).content.decode()


def test_a_changed_address_leads_to_the_new_one_for_good(client):
    article = make_article(slug="old")
    for slug in ("newer", "newest", "old"):
        former, article.slug = article.slug, slug
        article.save()
        change_slug(article, former)
    assert get(client, "/articles/old/").status_code == 200
    for former in ("newer", "newest"):
        answer = get(client, f"/articles/{former}/")
        assert answer.status_code == 301 and answer["Location"] == "/articles/old/"
    assert not FormerSlug.objects.filter(slug="old").exists()


def test_publish_and_withdraw_can_be_repeated_and_tell_what_happened():
    article = make_article(draft=True)
    assert publish(article) and not publish(article)
    assert withdraw(article, "It was wrong.") and not withdraw(article, "Again.")
    article.refresh_from_db()
    assert article.state == "withdrawn" and article.withdrawal_reason == "It was wrong."
    assert publish(article) and article.state == "published"


def test_an_unfinished_article_cannot_be_published():
    article = make_article(draft=True, standfirst="", hero=make_picture(), body="Claim.[^a]")
    article.topic_links.all().delete()
    with pytest.raises(NotReady) as unready:
        publish(article)
    for sentence in ("[^a]:", "at least one topic", "a standfirst", "alternative text"):
        assert sentence in str(unready.value)
    article.refresh_from_db()
    assert article.state == "draft"


def test_pages_of_the_list_hold_every_article_once(client):
    """Three at a time share one moment: the border between pages falls among them."""
    now = timezone.now()
    for number in range(45):
        make_article(title=f"Piece {number:02}", published_at=now - timedelta(days=number // 3))
    url, seen = reverse("articles:list"), []
    for _ in range(3):
        page = get(client, url)
        seen += [article.title for article in page.context["articles"]]
        url = page.context["older"]
    assert url == "" and len(seen) == len(set(seen)) == 45


@pytest.mark.parametrize(
    "before",
    [
        "",
        "x",
        "_",
        "2026-11-20_1",
        "9999-99-99T99:99:99+00:00_1",
        "2026-11-20T00:00:00+00:00_²",
        "2026-11-20T00:00:00+00:00_99999999999999999999",
        "\x00_1",
        "' OR 1=1--_1",
    ],
)
def test_an_odd_place_in_the_list_is_the_first_page(client, before):
    article = make_article()
    page = client.get(reverse("articles:list"), {"before": before}, secure=True)
    assert page.status_code == 200 and page.context["articles"] == [article]


def test_what_to_read_next_is_chosen_then_akin_then_new(client):
    topic = make_topic()
    chosen = make_article(title="Chosen", published_at=timezone.now() - timedelta(days=900))
    make_article(
        title="Akin but older", topics=[topic], published_at=timezone.now() - timedelta(days=800)
    )
    make_article(title="Akin and draft", topics=[topic], draft=True)
    make_article(title="New")
    make_article(title="Newest", published_at=timezone.now() - timedelta(hours=1))
    article = make_article(topics=[topic])
    article.related.add(chosen)
    page = get(client, article.get_absolute_url())
    assert [a.title for a in page.context["related"]] == ["Chosen", "Akin but older", "Newest"]


def test_the_disclaimer_in_force_stands_under_every_article_and_links_to_integrity(client):
    earlier = make_policy_version(
        "disclaimer", body="The first wording. [How](/editorial-integrity/)\n"
    )
    article = make_article()
    assert "The first wording." in get(client, article.get_absolute_url()).content.decode()
    make_policy_version("disclaimer", body="The second wording. [How](/editorial-integrity/)\n")
    page = get(client, article.get_absolute_url()).content.decode()
    assert "The second wording." in page and 'href="/editorial-integrity/"' in page
    article.disclaimer = earlier
    article.save()
    assert "The first wording." in get(client, article.get_absolute_url()).content.decode()


def test_the_page_has_every_part_an_article_can_have(client):
    article = make_article(
        title="Whole & <b>bold</b>",
        body="## Part one\n\nClaim.[^a]\n\n## Part two\n\nMore.\n\n[^a]: The source, 2014.\n",
        key_points="First point.\nSecond point.\n",
        content_notes=["death"],
        hero=make_picture(size=(1200, 630)),
        hero_alt="A shore & a boat.",
        updated_at=timezone.now(),
        change_note="We mended a date.",
        reviewed_on=timezone.now().date(),
        reviewed_by="Ana, nurse",
        topics=[make_topic("Living"), make_topic("Money")],
        by=[make_contributor("Dana", relation="who lives with MBC", is_fictional=True)],
    )
    page = get(client, article.get_absolute_url()).content.decode()
    for part in (
        "Whole &amp; &lt;b&gt;bold&lt;/b&gt;",
        "About 1 minute",
        "Second point.",
        "death and dying",
        'alt="A shore &amp; a boat."',
        'href="#part-part-one"',
        "The source, 2014.",
        "We mended a date.",
        "Ana, nurse",
        'href="/topics/living/"',
        'href="/contributors/dana/"',
        "who lives with MBC",
        "fictional",
    ):
        assert part in page, part


def test_a_decorative_picture_has_an_empty_alternative_text(client):
    article = make_article(hero=make_picture(), hero_is_decorative=True)
    assert 'alt=""' in get(client, article.get_absolute_url()).content.decode()


def test_no_page_of_the_magazine_takes_a_post(client):
    article = make_article()
    for url in (reverse("articles:home"), reverse("articles:list"), article.get_absolute_url()):
        assert client.post(url, secure=True).status_code == 405


def test_a_title_cannot_end_the_data_for_search_engines(client):
    article = make_article(title="Less </script><b>than</b> before")
    html = client.get(article.get_absolute_url(), secure=True).content.decode()
    data = html.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    assert "\\u003C/script\\u003E\\u003Cb\\u003Ethan" in data and "<" not in data

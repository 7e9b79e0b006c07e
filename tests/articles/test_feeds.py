"""What other programs read: feeds, sitemap, robots, structured data, share pictures."""

import io
import json
import re
import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from articles.publishing import withdraw
from tests.factories import make_article, make_contributor, make_policy_version, make_topic

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def get(client, url, **headers):
    return client.get(url, secure=True, headers=headers)


def whole(**fields):
    return make_article(
        title="Whole & <b>bold</b>",
        body="Claim.[^a] [Rules](/rules/)\n\n[[poll:tea]]\n\n[^a]: The source, 2014.\n",
        topics=[make_topic("Living")],
        by=[make_contributor("Dana")],
        **fields,
    )


def test_atom_holds_the_full_text_under_a_stable_id(client):
    article = whole()
    feed = ET.fromstring(get(client, "/feeds/articles.atom").content)
    entry = feed.find(f"{ATOM}entry")
    assert entry.find(f"{ATOM}title").text == article.title
    content = entry.find(f"{ATOM}content").text
    assert "The source, 2014." in content and 'href="https://testserver/rules/"' in content
    assert "poll-place" not in content
    first = entry.find(f"{ATOM}id").text
    article.slug = article.title = "elsewhere"
    article.save()
    again = ET.fromstring(get(client, "/feeds/articles.atom").content)
    assert first.startswith("urn:uuid:") and again.find(f"{ATOM}entry/{ATOM}id").text == first


@pytest.mark.parametrize("url", ["/feeds/articles.json", "/topics/living/feed.json"])
def test_json_feed_says_the_same(client, url):
    article = whole()
    make_article(topics=[make_topic("Other")], title="Other", published_at=article.published_at)
    feed = get(client, url).json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    item = next(item for item in feed["items"] if item["title"] == article.title)
    assert item["authors"] == [{"name": "Dana"}] and "The source, 2014." in item["content_html"]
    assert len(feed["items"]) == (1 if "topics" in url else 2)


@pytest.mark.parametrize("url", ["/feeds/articles.atom", "/feeds/articles.json", "/sitemap.xml"])
def test_a_withdrawn_article_leaves(client, url):
    article = make_article(slug="gone-soon")
    assert "gone-soon" in get(client, url).content.decode()
    withdraw(article, "It was wrong.")
    assert "gone-soon" not in get(client, url).content.decode()


@pytest.mark.parametrize("url", ["/feeds/articles.atom", "/topics/living/feed.json"])
def test_a_feed_that_has_not_changed_is_not_sent_again(client, url):
    article = whole()
    first = get(client, url)
    assert get(client, url, if_none_match=first["ETag"]).status_code == 304
    article.body += "\nMore.\n"
    article.save()
    assert get(client, url, if_none_match=first["ETag"]).status_code == 200


def test_the_sitemap_says_when_words_last_changed(client):
    changed = timezone.now() - timedelta(hours=2)
    article = make_article(live_at=changed)
    found = ET.fromstring(get(client, "/sitemap.xml").content)
    places = {
        url.find(f"{MAP}loc").text: getattr(url.find(f"{MAP}lastmod"), "text", None)
        for url in found
    }
    at = places[f"https://testserver{article.get_absolute_url()}"]
    assert at == timezone.localtime(changed).replace(microsecond=0).isoformat() or at.startswith(
        f"{timezone.localtime(changed):%Y-%m-%dT%H:%M}"
    )
    assert "https://testserver/articles/" in places
    robots = get(client, "/robots.txt").content.decode()
    assert "Sitemap: https://testserver/sitemap.xml" in robots and "Disallow: /admin/" in robots


def data_of(client, article):
    html = get(client, article.get_absolute_url()).content.decode()
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return {part["@type"]: part for part in json.loads(block)["@graph"]}


def test_structured_data_is_escaped_and_true(client):
    article = whole(standfirst="</script><script>alert(1)</script>")
    html = get(client, article.get_absolute_url()).content.decode()
    assert "<script>alert" not in html
    data = data_of(client, article)
    assert data["Article"]["headline"] == "Whole & <b>bold</b>"
    assert data["Article"]["citation"] == ["The source, 2014."]
    assert data["Article"]["author"][0]["name"] == "Dana"
    assert [i["name"] for i in data["BreadcrumbList"]["itemListElement"]][:2] == [
        *("Articles", "Living")
    ]
    assert "MedicalWebPage" not in data


def test_a_review_is_claimed_only_when_it_happened(client):
    reviewed = {"reviewed_on": timezone.localdate(), "reviewed_by": "Ana, nurse"}
    assert data_of(client, make_article(**reviewed))["MedicalWebPage"]["reviewedBy"]["name"]
    assert "MedicalWebPage" not in data_of(client, make_article(**reviewed, is_demonstration=True))


@pytest.mark.parametrize("title", ["Short", "Long " * 23, "Ungewöhnlich: “ß”", "癌症", "x" * 120])
def test_every_article_has_a_share_picture(client, title):
    article = make_article(title=title)
    html = get(client, article.get_absolute_url()).content.decode()
    address = re.search(r'property="og:image" content="https://testserver([^"]+)"', html)[1]
    answer = get(client, address)
    image = Image.open(io.BytesIO(answer.content))
    assert image.size == (1200, 630) and image.format == "PNG"
    assert get(client, address).content == answer.content


def test_what_is_not_published_has_no_share_picture(client):
    article = make_article(draft=True)
    assert get(client, f"/articles/{article.slug}/share.png").status_code == 404


def test_the_full_text_says_what_the_page_says(client):
    make_policy_version("disclaimer", body="Ask your team.\n")
    make_article(is_demonstration=True, slug="with-poll", body="One.\n\n[[poll:tea]]\n")
    item = client.get("/feeds/articles.json", secure=True).json()["items"][0]["content_html"]
    assert "Demonstration article." in item and "Ask your team." in item
    assert '<a href="https://testserver/articles/with-poll/">Vote in the poll' in item

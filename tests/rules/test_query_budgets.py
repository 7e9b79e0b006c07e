"""What a page may cost, whatever is in the database."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    make_article,
    make_contributor,
    make_picture,
    make_policy_version,
    make_poll,
    make_topic,
)

pytestmark = pytest.mark.django_db

# Home and article with all their panels: one query for the polls, one and two for the
# conversation, and once a minute in each process one for the consent wording.
HOME, ARTICLE, LIST, POLICY = 7, 8, 4, 3
MAGAZINE = 6


@pytest.fixture
def magazine(settings, tmp_path):
    """Three hundred articles, each with a picture, three topics and two writers."""
    settings.MEDIA_ROOT = tmp_path
    topics = [make_topic() for _ in range(12)]
    writers = [make_contributor("Dana"), make_contributor("Grace")]
    picture = make_picture()
    articles = [
        make_article(
            topics=[topics[(n + k) % 12] for k in range(3)],
            by=writers,
            hero=picture,
            hero_alt="A shore.",
            published_at=timezone.now() - timedelta(hours=n + 1),
            body="## Part\n\nClaim.[^a]\n\n[[poll:tea]]\n\n[^a]: Source.\n",
        )
        for n in range(300)
    ]
    articles[0].related.add(*articles[40:60])
    make_poll(slug="tea")
    make_poll("A", "B", "C", featured=True)
    for kind in ("disclaimer", "rules"):
        for _ in range(5):
            make_policy_version(kind)
    return articles


def test_pages_stay_within_their_budgets(client, magazine, settings, django_assert_max_num_queries):
    article = magazine[0]
    budgets = {
        reverse("articles:home"): HOME,
        reverse("articles:list"): LIST,
        reverse("articles:topics"): LIST,
        article.topic_list[0].get_absolute_url(): LIST,
        article.contributor_list[0].get_absolute_url(): LIST,
        article.get_absolute_url(): ARTICLE,
        magazine[150].get_absolute_url(): ARTICLE,
        reverse("polls:list"): 2,
        reverse("polls:poll", args=["tea"]): 3,
        reverse("polls:results", args=["tea"]): 3,
        "/rules/": POLICY,
        "/rules/versions/2/": POLICY + 1,
    }
    # A page that is kept asks once more, for the next moment at which pages change.
    clock = 1 if settings.READER_CACHE else 0
    for url, most in budgets.items():
        with django_assert_max_num_queries(most + clock):
            assert client.get(url, secure=True).status_code == 200
    older = client.get(reverse("articles:list"), secure=True).context["older"]
    with django_assert_max_num_queries(LIST):
        client.get(older, secure=True)


PANELS = ("polls_", "comments_", "newsletter_")


def test_the_magazine_itself_stays_within_six(client, magazine):
    """What a page costs apart from the panels that other apps put on it."""
    for url in (reverse("articles:home"), magazine[0].get_absolute_url()):
        with CaptureQueriesContext(connection) as asked:
            client.get(url, secure=True)
        own = [q for q in asked if not any(table in q["sql"] for table in PANELS)]
        assert 0 < len(own) <= MAGAZINE, [q["sql"][:80] for q in own]


def test_admin_lists_do_not_ask_per_row(admin_client, magazine, django_assert_max_num_queries):
    for name, most in {
        "articles_article": 12,
        "articles_picture": 8,
        "articles_topic": 8,
        "articles_contributor": 8,
        "policies_policyversion": 8,
        "polls_poll": 8,
    }.items():
        with django_assert_max_num_queries(most):
            page = admin_client.get(reverse(f"admin:{name}_changelist"), secure=True)
        assert page.status_code == 200

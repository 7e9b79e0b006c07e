"""The life of an article: saved, submitted, scheduled, published, revised, withdrawn."""

from datetime import timedelta

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse
from django.utils import timezone

from articles.due import apply_due
from articles.models import Article, AuditEntry, Revision
from articles.publishing import (
    NotReady,
    bring_back,
    cancel_schedule,
    publish,
    schedule,
    send_back,
    submit,
    withdraw,
)
from articles.revisions import content_of, save_revision, working_revision
from tests.factories import make_article, make_contributor, make_member, make_picture, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def page(client, article):
    return client.get(article.get_absolute_url(), secure=True)


def revise(article, **changes):
    base = working_revision(article)
    return save_revision(article, base.content | changes, by=make_member(editor=True)).revision


def in_a(**time):
    return timezone.now() + timedelta(**time)


def let_pass(article):
    """As if the moment of the article's next step were a second ago."""
    past = timezone.now() - timedelta(seconds=1)
    Article.objects.filter(pk=article.pk).exclude(next_at=None).update(next_at=past)


def test_a_live_article_keeps_its_words_until_the_new_ones_are_published(client):
    article = make_article(title="Old title", body="Old words.\n")
    revise(article, title="New title", body="New words.\n")
    html = page(client, article).content.decode()
    assert "Old words." in html and "New words." not in html and "Old title" in html
    assert publish(article) and not publish(article)
    html = page(client, article).content.decode()
    assert "New words." in html and "New title" in html


def test_publishing_a_revision_swaps_everything_in_it(client):
    one, other = make_topic("One"), make_topic("Other")
    article = make_article(topics=[one])
    writer = make_contributor("Grace")
    picture = make_picture()
    revise(
        article,
        topics=[other.pk],
        contributors=[writer.pk],
        hero=picture.pk,
        hero_alt="A shore.",
        slug="moved",
        change_note="We added a picture.",
        related=[make_article().pk],
    )
    former = article.slug
    assert publish(article)
    article = Article.objects.get(pk=article.pk)
    assert (article.topic_list, article.contributor_list) == ([other], [writer])
    assert article.hero == picture and article.slug == "moved" and article.related.count() == 1
    assert timezone.now() - article.updated_at < timedelta(minutes=1)
    answer = client.get(f"/articles/{former}/", secure=True)
    assert answer.status_code == 301 and answer["Location"] == "/articles/moved/"


def test_a_small_mend_without_a_note_does_not_claim_an_update():
    article = make_article()
    revise(article, body="A comma, added.\n")
    publish(article)
    assert article.updated_at is None and article.live_at > article.published_at


@pytest.mark.parametrize("address", ["article", "home", "list", "topic", "feed", "search", "map"])
def test_a_scheduled_revision_takes_effect_for_whoever_comes_first(client, address):
    """No worker runs. Each of these readers is the first one after the minute."""
    topic, before = make_topic("Living"), make_topic("Before")
    article = make_article(title="Old title", topics=[before], body="Old words.\n")
    revise(article, title="New title of pebbles", topics=[topic.pk], slug="new-slug")
    assert schedule(article, in_a(hours=1))
    assert "Old title" in page(client, article).content.decode()
    let_pass(article)
    url = {
        "article": article.get_absolute_url(),
        "home": "/",
        "list": "/articles/",
        "topic": "/topics/living/",
        "feed": "/feeds/articles.atom",
        "search": "/search/?q=pebbles",
        "map": "/sitemap.xml",
    }[address]
    html = client.get(url, secure=True, follow=True).content.decode()
    assert ("new-slug" if address == "map" else "New title") in html
    assert AuditEntry.objects.filter(deed="took-effect").count() == 1


def test_a_scheduled_revision_takes_effect_once_and_as_it_was_scheduled(client):
    article = make_article(title="Old")
    revise(article, title="Scheduled")
    schedule(article, in_a(hours=1))
    revise(article, title="Later thoughts")
    let_pass(article)
    assert apply_due() and not apply_due()
    article.refresh_from_db()
    assert article.title == "Scheduled" and article.next_at is None
    assert working_revision(article).content["title"] == "Later thoughts"


def test_a_first_publication_is_scheduled_shown_and_cancelled(client):
    article = make_article(draft=True)
    at = in_a(days=1)
    assert schedule(article, at) and not schedule(article, at)
    assert article.state == "scheduled" and page(client, article).status_code == 404
    revise(article, title="Later thoughts")
    article.refresh_from_db()
    assert article.title != "Later thoughts"  # what was scheduled stays what appears
    assert cancel_schedule(article) and not cancel_schedule(article)
    article.refresh_from_db()
    assert article.state == "draft" and article.title == "Later thoughts"


def test_cancelling_leaves_live_words_alone(client):
    article = make_article(title="Live")
    revise(article, title="Next")
    schedule(article, in_a(hours=1))
    assert cancel_schedule(article)
    let_pass(article)
    assert "Live" in page(client, article).content.decode()


def test_a_schedule_that_can_no_longer_be_kept_changes_nothing_and_is_reported(
    client, admin_client
):
    topic = make_topic("Short-lived")
    article = make_article(title="Live words", topics=[make_topic("Stays")])
    revise(article, title="Next", topics=[topic.pk])
    schedule(article, in_a(hours=1))
    topic.delete()
    let_pass(article)
    assert "Live words" in page(client, article).content.decode()
    entry = AuditEntry.objects.get(deed="failed")
    assert "Choose at least one topic." in entry.detail
    assert "Schedules that failed" in admin_client.get("/admin/", secure=True).content.decode()


@pytest.mark.parametrize("state", ["draft", "live", "withdrawn"])
def test_the_past_cannot_be_scheduled(state):
    article = make_article(draft=state == "draft", withdrawn=state == "withdrawn")
    with pytest.raises(NotReady, match="in the future"):
        schedule(article, in_a(seconds=-1))


def test_a_withdrawn_article_comes_back_at_its_minute(client):
    article = make_article(withdrawn=True, title="Old")
    revise(article, title="Mended")
    schedule(article, in_a(hours=1))
    assert page(client, article).status_code == 410
    let_pass(article)
    answer = page(client, article)
    assert answer.status_code == 200 and "Mended" in answer.content.decode()


def test_withdrawal_now_later_and_undone(client):
    article = make_article()
    with pytest.raises(NotReady, match="why"):
        withdraw(article, "  ")
    assert withdraw(article, "It has an end.", at=in_a(hours=1))
    assert page(client, article).status_code == 200
    assert bring_back(article) and not bring_back(article)
    assert withdraw(article, "It was wrong.") and page(client, article).status_code == 410
    assert bring_back(article) and page(client, article).status_code == 200


def test_what_does_not_follow_is_refused_in_a_sentence():
    article = make_article(scheduled=True)  # appears in a day
    with pytest.raises(NotReady, match="cancel the schedule"):
        withdraw(article, "Too early.", at=in_a(hours=1))
    draft = make_article(draft=True)
    assert not withdraw(draft, "Never seen.") and not cancel_schedule(draft)
    live = make_article()
    withdraw(live, "It ends.", at=in_a(hours=1))
    with pytest.raises(NotReady, match="will be withdrawn"):
        schedule(live, in_a(hours=2))


def test_review_is_asked_for_sent_back_and_ends_with_publishing():
    writer = make_member(writer=True)
    article = make_article(draft=True, created_by=writer)
    assert submit(article, by=writer) and not submit(article, by=writer)
    assert article.state == "in review"
    with pytest.raises(NotReady, match="what is missing"):
        send_back(article, "")
    assert send_back(article, "A source.") and not send_back(article, "A source.")
    submit(article)
    publish(article)
    assert article.submitted_at is None and article.state == "published"


def test_saving_the_same_words_again_is_no_new_revision():
    article = make_article()
    first = save_revision(article, content_of(article))
    assert not first.changed and Revision.objects.count() == 1
    assert save_revision(article, content_of(article) | {"title": "Other"}).changed


def test_a_save_over_a_newer_save_is_kept_aside_and_loses_neither():
    article = make_article(title="Start")
    content = content_of(article)
    ana = save_revision(article, content | {"title": "Ana"}, base=0)
    bea = save_revision(article, content | {"title": "Bea"}, base=1)
    assert ana.newer is None and bea.newer == ana.revision and bea.revision.is_aside
    assert working_revision(article) == ana.revision
    assert [r.content["title"] for r in article.revisions.order_by("number")] == [
        *("Start", "Ana", "Bea")
    ]


def test_an_unknown_or_deleted_row_in_a_revision_is_left_out(client):
    article = make_article(title="Live")
    revision = revise(article, contributors=[999], related=[999, article.pk])
    publish(article, revision=revision)
    assert page(client, article).status_code == 200 and article.contributor_list == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE articles_revision SET content = '{}'",
        "UPDATE articles_revision SET number = 7",
        "UPDATE articles_auditentry SET detail = 'something else'",
        "UPDATE articles_auditentry SET by_id = (SELECT max(id) FROM members_member)",
        "DELETE FROM articles_auditentry",
    ],
)
def test_the_database_refuses_to_change_history(statement):
    article = make_article(draft=True)
    make_member()
    publish(article, by=make_member(editor=True))
    make_member()
    with pytest.raises((InternalError, DatabaseError), match="never changed"), transaction.atomic():
        connection.cursor().execute(statement)


def test_an_account_can_be_closed_and_a_draft_deleted_with_the_log_kept():
    editor = make_member(editor=True)
    article = make_article(draft=True)
    save_revision(article, content_of(article) | {"title": "Theirs"}, by=editor)
    submit(article, by=editor)
    editor.delete()
    article.refresh_from_db()
    assert article.revisions.get(number=2).made_by is None
    article.delete()
    assert AuditEntry.objects.get().title == "Theirs"


def test_bulk_actions_say_what_they_did(admin_client):
    ready, unready = make_article(draft=True), make_article(draft=True, standfirst="")
    url = reverse("admin:articles_article_changelist")
    chosen = {"action": "publish_now", "_selected_action": [ready.pk, unready.pk]}
    html = admin_client.post(url, chosen, secure=True, follow=True).content.decode()
    assert "Published: 1 of 2." in html and "write a title, a standfirst" in html
    chosen["action"] = "withdraw_now"
    html = admin_client.post(url, chosen, secure=True, follow=True).content.decode()
    assert "Why are they withdrawn?" in html and str(ready) in html
    ready.refresh_from_db()
    assert ready.is_published  # asked first
    chosen["reason"] = "We check it again."
    html = admin_client.post(url, chosen, secure=True, follow=True).content.decode()
    assert "Withdrawn: 1 of 2." in html and f"Withdrawn: {ready}." in html
    assert reverse("admin:articles_article_undo_withdrawal", args=[ready.pk]) in html
    ready.refresh_from_db()
    assert ready.withdrawal_reason == "We check it again."

"""Schedules, withdrawals and their undo, in every order an editor's week may bring."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from advocacy_site.cards import find_card
from articles import due
from articles.due import apply_due, apply_step
from articles.models import Article, AuditEntry
from articles.publishing import (
    NotReady,
    bring_back,
    cancel_schedule,
    missing,
    publish,
    schedule,
    submit,
    withdraw,
)
from articles.revisions import save_revision, working_revision
from community.comments.listing import page_of_comments
from tests.community.comments.factories import make_comment
from tests.factories import (
    make_article,
    make_contributor,
    make_member,
    make_picture,
    make_poll,
    make_topic,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def revise(article, **changes):
    return save_revision(article, working_revision(article).content | changes).revision


def in_a(**time):
    return timezone.now() + timedelta(**time)


def move(article, **moments):
    """As if time had gone by: moments of the row are set to so many hours from now."""
    Article.objects.filter(pk=article.pk).update(
        **{name: in_a(hours=hours) for name, hours in moments.items()}
    )


def page(client, address):
    return client.get(address, secure=True)


def test_a_withdrawal_after_a_late_schedule_still_happens(client):
    """New words at ten, withdrawn at eleven, and nobody came before half past eleven."""
    article = make_article(title="Old", published_at=in_a(days=-3))
    revise(article, title="New")
    schedule(article, in_a(hours=1))
    withdraw(article, "It ends.", at=in_a(hours=2))
    move(article, next_at=-2, withdraw_at=-1)
    assert page(client, article.get_absolute_url()).status_code == 410
    article.refresh_from_db()
    assert article.title == "New" and article.withdrawal_reason == "It ends."


def test_new_words_after_a_withdrawal_bring_the_article_back(client):
    article = make_article(title="Old", published_at=in_a(days=-3))
    withdraw(article, "It was wrong.")
    revise(article, title="Mended")
    schedule(article, in_a(hours=1))
    move(article, withdraw_at=-3, next_at=-2)
    assert "Mended" in page(client, article.get_absolute_url()).content.decode()


@pytest.mark.parametrize("again", ["scheduled", "published"])
def test_a_planned_withdrawal_outlives_a_change_of_the_first_publication(again):
    article = make_article(draft=True)
    schedule(article, in_a(days=1))
    ends = in_a(days=9)
    withdraw(article, "It is for this week.", at=ends)
    revise(article, title="Newer")
    schedule(article, in_a(days=2)) if again == "scheduled" else publish(article)
    article.refresh_from_db()
    assert article.withdraw_at == ends and article.title == "Newer"
    with pytest.raises(NotReady, match="will be withdrawn"):
        schedule(article, in_a(days=10))


def test_cancelling_a_first_publication_says_that_its_withdrawal_went_with_it():
    article = make_article(draft=True)
    schedule(article, in_a(days=1))
    withdraw(article, "It is for this week.", at=in_a(days=9))
    cancel_schedule(article)
    assert "The withdrawal on" in AuditEntry.objects.first().detail


def test_undo_gives_back_the_revision_that_was_scheduled(client):
    article = make_article()
    later = revise(article, title="Later")
    at = in_a(days=1)
    schedule(article, at)
    withdraw(article, "A mistake.")
    article.refresh_from_db()
    assert article.next_at is None  # or it would come back by itself
    move(article, withdraw_at=-1)
    assert page(client, article.get_absolute_url()).status_code == 410
    bring_back(article)
    article.refresh_from_db()
    assert (article.next_at, article.next_revision) == (at, later)


def test_undo_gives_back_the_withdrawal_that_was_planned():
    article = make_article()
    ends = in_a(days=5)
    withdraw(article, "It ends.", at=ends)
    withdraw(article, "A mistake.")
    bring_back(article)
    article.refresh_from_db()
    assert (article.withdraw_at, article.withdrawal_reason) == (ends, "It ends.")
    assert bring_back(article)
    article.refresh_from_db()
    assert article.withdraw_at is None


def test_undo_brings_back_nothing_whose_moment_has_passed():
    article = make_article()
    revise(article, title="Later")
    schedule(article, in_a(days=1))
    withdraw(article, "A mistake.")
    took_off = AuditEntry.objects.get(deed="withdrew").took_off
    took_off["next_at"] = in_a(hours=-1).isoformat()
    AuditEntry.objects.create(article=article, title="x", deed="withdrew", took_off=took_off)
    bring_back(article)
    article.refresh_from_db()
    assert article.next_at is None and article.title != "Later"


def test_the_page_says_what_withdrawing_took_off_and_what_undo_put_back(client):
    client.force_login(make_member(editor=True))
    article = make_article()
    revise(article, title="Later")
    schedule(article, in_a(days=1))
    url = reverse("admin:articles_article_withdraw", args=[article.pk])
    answer = client.post(url, {"reason": "Wrong."}, secure=True, follow=True)
    assert "is taken off with it" in answer.content.decode()
    again = client.post(url, {"reason": "Wrong."}, secure=True, follow=True).content.decode()
    assert "It is withdrawn." in again and "Undo" in again  # a double press
    undo = reverse("admin:articles_article_undo_withdrawal", args=[article.pk])
    html = client.post(undo, secure=True, follow=True).content.decode()
    assert "Readers see it as before." in html and "Revision 2 is scheduled for" in html


def test_bulk_withdrawal_with_one_that_cannot_be_withdrawn_says_so(admin_client):
    live, to_come = make_article(), make_article(scheduled=True, title="Tomorrow")
    url = reverse("admin:articles_article_changelist")
    chosen = {"action": "withdraw_now", "_selected_action": [live.pk, to_come.pk]}
    chosen["reason"] = "We check it again."
    html = admin_client.post(url, chosen, secure=True, follow=True).content.decode()
    assert "Withdrawn: 1 of 2." in html and "Tomorrow: It is published on" in html


def test_publishing_what_readers_see_already_ends_the_review():
    article = make_article(draft=True)
    publish(article)
    submit(article)
    assert publish(article)
    article.refresh_from_db()
    assert article.submitted_at is None


def test_withdrawing_does_not_read_the_text_again(monkeypatch):
    """Its bounds may be tighter than when it was written."""
    article = make_article()

    def refuse(self):
        raise AssertionError("rendered")

    monkeypatch.setattr(Article, "render", refuse)
    assert withdraw(article, "It was wrong.") and bring_back(article)
    assert withdraw(article, "Later.", at=in_a(days=1))


@pytest.mark.parametrize(
    "address",
    ["/articles/announced/", "/articles/announced/share.png", "/contributors/wren/"],
)
def test_a_new_address_is_there_at_its_minute(client, address):
    article = make_article()
    writer = make_contributor("Wren")
    revise(article, slug="announced", contributors=[writer.pk])
    schedule(article, in_a(hours=1))
    move(article, next_at=-1)
    answer = client.get(address, secure=True)
    assert answer.status_code == 200
    if address.endswith("/wren/"):
        assert "/articles/announced/" in answer.content.decode()


def test_an_address_taken_meanwhile_fails_the_schedule_and_no_page(client):
    article = make_article(title="Live words")
    revise(article, slug="wanted")
    schedule(article, in_a(hours=1))
    make_article(slug="wanted")
    move(article, next_at=-1)
    assert page(client, article.get_absolute_url()).status_code == 200
    assert "Choose another address" in AuditEntry.objects.get(deed="failed").detail


def test_a_revision_that_breaks_takes_no_page_down(client, monkeypatch):
    article, other = make_article(title="Live words"), make_article(title="The other")
    for one in (article, other):
        revise(one, title=f"{one.title}, newer")
        schedule(one, in_a(hours=1))
        move(one, next_at=-1)
    take = due.take_next_step

    def break_one(step):
        if step.pk == article.pk:
            raise KeyError("a field of the day after tomorrow")
        return take(step)

    monkeypatch.setattr(due, "take_next_step", break_one)
    html = page(client, "/").content.decode()
    assert "Live words<" in html and "The other, newer" in html
    article.refresh_from_db()
    assert article.next_at is None and AuditEntry.objects.filter(deed="failed").count() == 1


def test_a_schedule_moved_to_later_is_asked_for_again_under_the_lock():
    article = make_article(title="Live words")
    revise(article, title="Next")
    schedule(article, in_a(hours=1))
    move(article, next_at=-1)
    article.refresh_from_db()
    move(article, next_at=5)  # by an editor, since the reader looked
    assert not apply_step(article)
    assert Article.objects.get().title == "Live words"


def test_a_revision_from_before_a_field_was_there_can_still_be_published():
    article = make_article()
    content = working_revision(article).content | {"title": "From long ago"}
    del content["hero_focus"], content["is_demonstration"], content["related"]
    revision = save_revision(article, content).revision
    assert publish(article, revision=revision)
    article.refresh_from_db()
    assert article.title == "From long ago" and article.hero_focus == "center"


def test_an_alternative_text_that_is_a_file_name_keeps_the_article_back():
    article = make_article(draft=True, topics=[make_topic()])
    revise(article, hero=make_picture().pk, hero_alt="IMG_2041.jpg")
    assert any("name of a file" in sentence for sentence in missing(article))
    with pytest.raises(NotReady, match="name of a file"):
        publish(article)


def test_nothing_due_changes_nothing():
    assert not apply_due()


def test_every_page_that_names_an_article_shows_the_words_of_its_minute(client):
    """Each is read first, with the worker stopped, when a revision with a new title is due."""
    topic = make_topic("Living")
    other = make_article(title="Another one", topics=[topic])
    poll = make_poll(slug="tea")
    body = "The text.\n\n[[poll:tea]]\n"
    article = make_article(title="Old words", slug="rest", topics=[topic], body=body)
    comment = make_comment(on=article)
    places = {
        "talk": lambda: page(client, "/talk/").text,
        "the conversation": lambda: page(client, "/articles/rest/conversation/").text,
        "read next": lambda: page(client, other.get_absolute_url()).text,
        "home": lambda: page(client, "/").text,
        "articles": lambda: page(client, "/articles/").text,
        "topic": lambda: page(client, topic.get_absolute_url()).text,
        "search": lambda: page(client, "/search/?q=standing").text,
        "feed": lambda: page(client, "/feeds/articles.json").text,
        "a letter": lambda: find_card("article", "rest").title,
        "a letter on talk": lambda: find_card("conversation", "rest").title,
        "a poll": lambda: page(client, poll.get_absolute_url()).text,
        "the writer": lambda: page_of_comments(comment.author).comments[0].article.title,
    }
    for number, (place, read) in enumerate(places.items()):
        title = f"Words number {number}, standing anew"
        schedule(article, in_a(hours=1), revision=revise(article, title=title))
        assert title not in read(), place
        move(article, next_at=-1)
        assert title in read(), place

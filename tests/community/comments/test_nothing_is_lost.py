"""Words that meet an ended session, a limit or a second press come back or are where they went."""

import pytest
from django.urls import reverse

from community.comments.models import Comment, Draft
from community.comments.views import posting
from tests.community.comments.factories import make_comment, rules_in_force
from tests.community.comments.test_drafts import sign_in_from
from tests.factories import make_article, make_member

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}


@pytest.fixture
def article():
    rules_in_force()
    return make_article()


@pytest.fixture
def past_every_limit(monkeypatch):
    monkeypatch.setattr(posting, "allow", lambda *args, **named: False)


def box(article):
    return reverse("comments:conversation", args=[article.slug])


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_edit_after_the_session_ended_brings_the_words_back(client, headers):
    comment = make_comment("Before.", by=make_member(trusted=True))
    place = reverse("comments:edit", args=[comment.pk])
    page = client.post(
        place, {"text": "A long new text", "content_note": "Hair"}, secure=True, headers=headers
    )
    text = page.content.decode()
    assert page.status_code == 200 and "A long new text" in text and 'value="Hair"' in text
    assert "You were signed out" in text and reverse("account_login") in text
    assert "Before." not in text and comment.article.title not in text
    comment.refresh_from_db()
    assert comment.source == "Before."


def test_the_words_of_an_ended_session_are_saved_after_signing_in_elsewhere(client):
    comment = make_comment("Before.", by=make_member(trusted=True))
    place = reverse("comments:edit", args=[comment.pk])
    client.post(place, {"text": "After."}, secure=True)
    client.force_login(comment.author)
    client.post(place, {"text": "After."}, secure=True)
    comment.refresh_from_db()
    assert comment.source == "After."


def test_an_edit_page_without_a_session_leads_to_signing_in_and_back(client):
    place = reverse("comments:edit", args=[make_comment().pk])
    answer = client.get(place, secure=True)
    assert answer.status_code == 302 and "%2Fedit%2F" in answer["Location"]


def test_a_guest_past_the_limit_keeps_the_words(client, article, past_every_limit):
    data = {"text": "Words of a ward", "rules": rules_in_force().pk}
    page = client.post(box(article), data, secure=True)
    assert page.status_code == 429 and b"Words of a ward" in page.content
    assert b"Wait a few minutes" in page.content
    # htmx shows only an answer that went well
    page = client.post(box(article), data, secure=True, headers=HTMX)
    assert page.status_code == 200 and b"Words of a ward" in page.content
    assert not page.cookies and not Draft.objects.exists()


def test_a_member_past_the_limit_keeps_the_words_on_the_page_and_as_a_draft(
    client, article, past_every_limit
):
    client.force_login(make_member(trusted=True))
    data = {"text": "Many words", "rules": rules_in_force().pk}
    page = client.post(box(article), data, secure=True)
    assert page.status_code == 429 and b"Many words" in page.content
    assert Draft.objects.get().source == "Many words" and not Comment.objects.exists()


def test_what_was_changed_in_a_draft_stays_past_the_limit(client, article, monkeypatch):
    data = {"text": "First words", "rules": rules_in_force().pk}
    place = client.post(box(article), data, secure=True)["Location"]
    sign_in_from(client, place, make_member(trusted=True))
    monkeypatch.setattr(posting, "allow", lambda *args, **named: False)
    page = client.post(place, {"text": "Better words"}, secure=True)
    assert b"Better words" in page.content and b"Wait a few minutes" in page.content
    assert not Comment.objects.exists() and Draft.objects.exists()


def test_an_old_link_to_quiet_a_conversation_of_a_closed_account_still_answers(client):
    from community.comments import notices
    from community.comments.models import Follow, Notice

    member, comment = make_member(), make_comment()
    token = notices.mute_token(member.pk, Notice(comment=comment))
    member.delete()
    answer = client.post(reverse("comments:mute", args=[token]), secure=True)
    assert answer.status_code == 200 and not Follow.objects.exists()


def test_the_page_that_quiets_a_conversation_names_no_article_that_is_not_there(client):
    from community.comments import notices
    from community.comments.models import Notice

    article = make_article(title="A title to be seen")
    comment = make_comment(on=article)
    place = reverse(
        "comments:mute", args=[notices.mute_token(make_member().pk, Notice(comment=comment))]
    )
    assert b"A title to be seen" in client.get(place, secure=True).content
    type(article).objects.filter(pk=article.pk).update(published_at=None)
    page = client.get(place, secure=True)
    assert page.status_code == 200 and b"A title to be seen" not in page.content

"""Each door to what a moderator took down, what waits, and what was written before an edit."""

from datetime import timedelta

import pytest
from django.utils import timezone

from community.comments import notices, retention, writing
from community.comments.models import Comment, CommentVersion, Notice, Reaction
from community.comments.moderation import set_state
from tests.community.comments.factories import make_comment
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ["hidden", "removed", "held", "deleted"])
def test_nobody_reacts_to_or_follows_what_may_not_be_read(client, state):
    comment = make_comment(state=state)
    client.force_login(make_member())
    for deed in ("reaction", "follow"):
        answer = client.post(
            f"/comments/{comment.pk}/{deed}/", {"kind": "here", "value": "here"}, secure=True
        )
        assert answer.status_code == 404, deed
    assert not Reaction.objects.exists()


@pytest.mark.parametrize("state", ["hidden", "held"])
def test_a_thread_that_is_not_there_has_no_page(client, state):
    comment = make_comment()
    address = f"/comments/{comment.pk}/thread/"
    assert client.get(address, secure=True).status_code == 200
    set_state(comment, state)
    assert client.get(address, secure=True).status_code == 404
    client.force_login(make_member())
    assert client.get(address, secure=True).status_code == 404


@pytest.mark.parametrize("state", ["hidden", "held", "deleted"])
def test_a_notice_goes_with_the_words_it_was_about(client, state):
    writer = make_member()
    root = make_comment(by=writer)
    reply = make_comment("Words for you alone.", to=root, by=make_member(trusted=True))
    notices.tell_about(reply.pk)
    assert Notice.objects.filter(member=writer).exists()
    client.force_login(writer)
    assert f"/comments/{reply.pk}/" in client.get("/account/notices/", secure=True).content.decode()
    set_state(reply, state)
    page = client.get("/account/notices/", secure=True).content.decode()
    assert f"/comments/{reply.pk}/" not in page


def test_a_comment_that_waits_does_not_move_its_article_in_the_list(client):
    first, second = make_comment("First."), make_comment("Second.")
    before = client.get("/talk/", secure=True).content.decode()
    assert before.index(second.article.title) < before.index(first.article.title)
    held = make_comment("Buy at https://spam.example/ now", on=first.article, state=None)
    assert held.state == "held"
    after = client.get("/talk/", secure=True).content.decode()
    assert first.article.title in after
    assert after.index(second.article.title) < after.index(first.article.title)


def test_the_same_words_again_are_no_edit(client):
    comment = make_comment("Warm words.", by=make_member(trusted=True))
    assert not writing.edit(comment, source="Warm words.")
    comment.refresh_from_db()
    assert comment.edited_at is None and not CommentVersion.objects.exists()
    assert writing.edit(comment, source="Warmer words.")


def test_earlier_texts_go_when_deleted_words_are_forgotten():
    comment = make_comment("My number is five.", by=make_member(trusted=True))
    writing.edit(comment, source="No number.")
    assert CommentVersion.objects.exists()
    writing.delete(comment)
    long_ago = timezone.now() - timedelta(days=400)
    Comment.objects.filter(pk=comment.pk).update(state_at=long_ago)
    retention.forget()
    assert not CommentVersion.objects.exists()

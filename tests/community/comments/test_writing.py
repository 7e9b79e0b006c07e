import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from community.comments import words, writing
from community.comments.models import Comment, CommentVersion, Conversation, ConversationSwitch
from community.comments.models.comment import MOST_LEVELS
from community.policies.models import Acceptance
from tests.community.comments.factories import make_comment, minutes_ago, pause, rules_in_force
from tests.factories import make_article, make_member, make_policy_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(client):
    member = make_member(display_name="Wren", trusted=True)
    client.force_login(member)
    return member


@pytest.fixture
def article():
    rules_in_force()
    return make_article()


def send(client, address, text="Warm words.", **fields):
    fields = {"text": text, "rules": rules_in_force().pk} | fields
    return client.post(address, fields, secure=True)


def box(article):
    return f"{article.get_absolute_url()}conversation/"


def test_a_comment_is_posted_and_the_answer_leads_to_it(client, member, article):
    answer = send(client, box(article), "Hello *there*.")
    comment = Comment.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/comments/{comment.pk}/")
    assert comment.html == "<p>Hello <em>there</em>.</p>\n"
    assert comment.rules == rules_in_force() and comment.author == member
    landing = client.get(answer["Location"], secure=True)
    assert landing["Location"].endswith(f"?comment={comment.pk}#c{comment.pk}")


def test_the_path_is_made_by_the_database(article):
    root = make_comment(on=article)
    child = make_comment(to=root)
    grandchild = make_comment(to=child)
    assert grandchild.path == [root.pk, child.pk, grandchild.pk]
    assert grandchild.thread_id == root.pk and grandchild.depth == 3


def test_a_path_never_outgrows_its_index(article):
    comment = make_comment(on=article)
    for n in range(MOST_LEVELS + 20):
        comment = make_comment(f"Level {n}", to=comment)
    assert len(comment.parent_path) == MOST_LEVELS
    assert comment.parent.parent_path == comment.parent_path


def test_the_same_form_twice_is_one_comment_also_after_the_back_button(client, member, article):
    form_id = str(uuid.uuid4())
    first = send(client, box(article), "Hello.", form_id=form_id)
    again = send(client, box(article), "Hello, changed after Back.", form_id=form_id)
    assert Comment.objects.count() == 1 and first["Location"] == again["Location"]


def test_the_same_words_from_two_tabs_are_one_comment(client, member, article):
    for _ in range(2):
        send(client, box(article), "Hello.", form_id=str(uuid.uuid4()))
    assert Comment.objects.count() == 1


def test_rules_are_accepted_once_for_each_version_and_what_changed_is_shown(
    client, member, article
):
    page = client.get(article.get_absolute_url(), secure=True).content.decode()
    assert "I have read" in page and "Our rules have changed" not in page
    refused = client.post(box(article), {"text": "Hello."}, secure=True)
    assert "Read our rules, then tick the box" in refused.content.decode()
    assert "Hello." in refused.content.decode() and not Comment.objects.exists()
    send(client, box(article), "First.")
    assert Acceptance.objects.filter(member=member).count() == 1
    assert "I have read" not in client.get(article.get_absolute_url(), secure=True).content.decode()
    assert send(client, box(article), "Second.", rules="").status_code == 303
    make_policy_version("rules", changed="Rule 9 is clearer.")
    page = client.get(article.get_absolute_url(), secure=True).content.decode()
    assert "Our rules have changed" in page and "Rule 9 is clearer." in page
    assert send(client, box(article), "Third.", rules="").status_code == 200
    assert send(client, box(article), "Third.").status_code == 303
    assert Acceptance.objects.filter(member=member).count() == 2


def test_an_edit_within_fifteen_minutes_is_marked_kept_for_staff_and_can_be_undone(
    client, member, article
):
    comment = make_comment("First words.", by=member, on=article)
    send(client, f"/comments/{comment.pk}/edit/", "Second words.")
    comment.refresh_from_db()
    assert "Second" in comment.html and "edited" in comment.stamp and comment.edited_at
    assert CommentVersion.objects.get().source == "First words."
    client.post(f"/comments/{comment.pk}/undo/", secure=True)
    comment.refresh_from_db()
    assert comment.source == "First words." and comment.edited_at is None
    assert "edited" not in comment.stamp and not CommentVersion.objects.exists()


def test_after_fifteen_minutes_the_words_come_back_with_a_sentence(client, member, article):
    comment = make_comment("First.", by=member, on=article, at=minutes_ago(16))
    page = send(client, f"/comments/{comment.pk}/edit/", "Second.")
    assert "can be changed for 15 minutes" in page.content.decode()
    assert "Second." in page.content.decode()
    comment.refresh_from_db()
    assert comment.source == "First."


def test_delete_leaves_the_place_and_can_be_undone_for_a_day(client, member, article):
    comment = make_comment("Words.", by=member, on=article)
    make_comment("A reply.", to=comment)
    client.post(f"/comments/{comment.pk}/delete/", secure=True)
    page = client.get(article.get_absolute_url(), secure=True).content.decode()
    assert "The writer deleted this comment." in page and "A reply." in page
    assert "Bring it back" in page and "<p>Words.</p>" not in page
    client.post(f"/comments/{comment.pk}/undo/", secure=True)
    page = client.get(article.get_absolute_url(), secure=True).content.decode()
    assert "<p>Words.</p>" in page
    writing.delete(comment)
    Comment.objects.update(state_at=timezone.now() - timedelta(days=2))
    client.post(f"/comments/{comment.pk}/undo/", secure=True)
    comment.refresh_from_db()
    assert comment.state == "deleted"


def test_undoing_a_deletion_does_not_show_what_a_moderator_has_not_read(member, article):
    comment = make_comment("Words.", by=member, on=article, state="held")
    assert writing.delete(comment) and not writing.delete(comment)
    assert writing.undo_delete(comment) and not writing.undo_delete(comment)
    comment.refresh_from_db()
    assert comment.state == "held"


@pytest.mark.parametrize("verb", ["edit", "delete", "undo"])
def test_another_persons_comment_is_not_there(client, member, article, verb):
    comment = make_comment(on=article)
    address = f"/comments/{comment.pk}/{verb}/"
    assert client.get(address, secure=True).status_code == 404
    assert send(client, address, "Forged.").status_code == 404
    comment.refresh_from_db()
    assert comment.source == "Warm words." and comment.state == "visible"


@pytest.mark.parametrize("state", ["held", "hidden", "removed", "deleted"])
def test_nobody_can_reply_to_what_is_not_visible(client, member, article, state):
    comment = make_comment(on=article, state=state)
    assert send(client, f"/comments/{comment.pk}/reply/").status_code == 404


def test_a_reply_goes_to_the_article_of_what_it_answers_whatever_the_form_says(client, member):
    comment, other = make_comment(), make_comment()
    send(client, f"/comments/{comment.pk}/reply/", article=other.article.pk, parent=other.pk)
    reply = Comment.objects.latest("pk")
    assert reply.article == comment.article and reply.parent == comment


def test_a_reply_to_a_comment_of_an_unpublished_article_is_refused(client, member):
    comment = make_comment(on=make_article(draft=True))
    assert send(client, f"/comments/{comment.pk}/reply/").status_code == 404
    assert client.get("/comments/99999999999999999999/reply/", secure=True).status_code == 404


def test_comments_close_by_date_for_one_article_and_by_switch_for_all(client, member, article):
    url = article.get_absolute_url()
    conversation = Conversation.objects.create(
        article=article, comments_close_at=timezone.now() + timedelta(days=6)
    )
    assert "Comments on this article close on" in client.get(url, secure=True).content.decode()
    conversation.comments_close_at = timezone.now() - timedelta(minutes=1)
    conversation.save()
    page = client.get(url, secure=True).content.decode()
    assert "closed on" in page and "<textarea" not in page and "?reply=" not in page
    refused = send(client, box(article), "My words in vain.")
    assert refused.status_code == 409 and "My words in vain." in refused.content.decode()
    conversation.delete()
    ConversationSwitch.objects.create(closed_at=timezone.now(), sentence="We rest until Monday.")
    assert "We rest until Monday." in client.get(url, secure=True).content.decode()
    assert send(client, box(article)).status_code == 409
    ConversationSwitch.objects.all().delete()
    assert send(client, box(article)).status_code == 303


def test_a_paused_member_keeps_the_words_as_a_draft(client, member, article):
    pause(member)
    send(client, box(article), "Not now.")
    assert not Comment.objects.exists()
    assert "Not now." in client.get("/account/drafts/", secure=True).content.decode()


def test_twenty_comments_in_ten_minutes_are_enough_and_the_next_is_kept(client, member, article):
    for n in range(20):
        assert send(client, box(article), f"Words {n}.").status_code == 303
    assert send(client, box(article), "One more.").status_code == 429
    assert "One more." in client.get("/account/drafts/", secure=True).content.decode()


def test_rendering_again_changes_nothing_but_what_was_made_by_an_earlier_version(article):
    from django.core.management import call_command

    comment = make_comment("Words *here*.", on=article)
    before = comment.html
    Comment.objects.update(html="old", renderer=words.RENDERER - 1)
    call_command("render_comments", stdout=StringIO())
    comment.refresh_from_db()
    assert comment.html == before and comment.renderer == words.RENDERER


@pytest.mark.parametrize(
    "fields",
    [
        {"parent_path": [1]},
        {"state": "removed"},
        {"parent_path": list(range(1, MOST_LEVELS + 2))},
        {"broken_rule": 0},
    ],
)
def test_the_database_refuses_what_cannot_be(article, fields):
    comment = make_comment(on=article)
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.filter(pk=comment.pk).update(**fields)

import re

import pytest
from django.conf import settings
from django.utils import timezone

from community.comments import drafts, retention
from community.comments.models import Comment, Draft
from tests.community.comments.factories import make_comment, rules_in_force
from tests.factories import make_article, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    rules_in_force()
    return make_article()


def write_as_guest(client, article, text="My first words."):
    return client.post(
        f"{article.get_absolute_url()}conversation/",
        {"text": text, "rules": rules_in_force().pk},
        secure=True,
    )


def sign_in_from(client, place, member):
    """By the link of the page ``place``: there, or where its sign-in leads."""
    fields = {"email": member.email, "password": "a password", "next": place}
    return client.post("/sign-in/password/", fields, secure=True)


def test_a_guest_writes_signs_in_and_posts_with_one_more_press(client, article):
    assert client.get(article.get_absolute_url(), secure=True).cookies.keys() == set()
    answer = write_as_guest(client, article)
    assert set(answer.cookies) == {settings.DRAFT_COOKIE_NAME}
    cookie = answer.cookies[settings.DRAFT_COOKIE_NAME]
    assert cookie["httponly"] and cookie["secure"] and cookie["samesite"] == "Lax"
    place = answer["Location"]
    page = client.get(place, secure=True).content.decode()
    assert "My first words." in page and f"next={place.replace('/', '%2F')}" in page
    assert not Comment.objects.exists()
    member = make_member(trusted=True)
    assert sign_in_from(client, place, member)["Location"] == place
    page = client.get(place, secure=True).content.decode()
    assert "One more press" in page and "I have read" not in page
    done = client.post(place, {"text": "My first words."}, secure=True)
    comment = Comment.objects.get()
    assert done["Location"] == comment.get_absolute_url() and comment.author == member
    assert not Draft.objects.exists()
    # A second press, and the back button, lead to the one comment there is.
    again = client.post(place, {"text": "My first words."}, secure=True)
    assert again["Location"] == client.get(place, secure=True)["Location"] == done["Location"]
    assert Comment.objects.count() == 1
    client.force_login(make_member(trusted=True))
    assert client.post(place, {"text": "My first words."}, secure=True).status_code == 404


def test_a_draft_is_for_nobody_else(client, article):
    place = write_as_guest(client, article)["Location"]
    client.cookies.clear()
    assert client.get(place, secure=True).status_code == 404
    client.force_login(make_member(trusted=True))
    assert client.get(place, secure=True).status_code == 404
    client.cookies[settings.DRAFT_COOKIE_NAME] = "forged:value"
    assert client.get(place, secure=True).status_code == 404


def test_the_next_member_at_the_same_browser_sees_nothing_of_what_a_guest_wrote(client, article):
    """A library's computer: one writes and leaves, another comes and signs in."""
    place = write_as_guest(client, article, "Words of a stranger.")["Location"]
    sign_in_from(client, "/talk/", make_member(trusted=True))
    assert settings.DRAFT_COOKIE_NAME in client.cookies
    for address in (place, "/account/drafts/", article.get_absolute_url(), "/account/comments/"):
        assert "Words of a stranger." not in client.get(address, secure=True).content.decode()
    assert client.get(place, secure=True).status_code == 404
    assert client.post(place, {"text": "Mine now."}, secure=True).status_code == 404
    assert client.post(place, {"delete": "1"}, secure=True).status_code == 404
    assert Draft.objects.exists() and not Comment.objects.exists()


def test_a_sign_in_that_a_guest_began_and_left_does_not_lead_the_next_to_the_draft(client, article):
    place = write_as_guest(client, article)["Location"]
    client.post("/sign-in/", {"email": "first@harbor.example", "next": place}, secure=True)
    second = make_member(trusted=True)
    answer = client.post(
        "/sign-in/password/", {"email": second.email, "password": "a password"}, secure=True
    )
    assert answer["Location"] != place
    assert client.get(place, secure=True).status_code == 404


def test_who_signs_in_from_one_draft_does_not_see_another_of_that_browser(client, article):
    earlier = write_as_guest(client, article, "Words of a stranger.")["Location"]
    mine = write_as_guest(client, article, "My own words.")["Location"]
    sign_in_from(client, mine, make_member(trusted=True))
    assert client.get(earlier, secure=True).status_code == 404
    listed = client.get("/account/drafts/", secure=True).content.decode()
    assert "My own words." in listed and "Words of a stranger." not in listed


def test_signing_out_forgets_what_was_written_on_the_way_in(client, article):
    place = write_as_guest(client, article)["Location"]
    sign_in_from(client, place, make_member(trusted=True))
    assert client.get(place, secure=True).status_code == 200
    client.post("/account/sign-out/", secure=True)
    assert client.get(place, secure=True).status_code == 404
    sign_in_from(client, place, make_member(trusted=True))
    assert client.get(place, secure=True).status_code == 404


def test_a_guest_with_a_draft_of_her_own_opens_no_other_guests(client, article):
    from django.test import Client

    place = write_as_guest(Client(), article, "Words of a stranger.")["Location"]
    own = write_as_guest(client, article, "My own words.")["Location"]
    assert client.get(own, secure=True).status_code == 200
    assert client.get(place, secure=True).status_code == 404
    sign_in_from(client, place, make_member(trusted=True))
    assert client.get(place, secure=True).status_code == 404


def test_a_copy_of_the_database_opens_no_draft(client, article):
    token = write_as_guest(client, article).cookies[settings.DRAFT_COOKIE_NAME].value
    assert token.encode() not in bytes(Draft.objects.get().key)


def test_a_members_draft_is_in_the_box_again_and_in_the_list(client, article):
    member = make_member(trusted=True)
    client.force_login(member)
    address = f"{article.get_absolute_url()}conversation/"
    for text in ("Half a thought", "Half a thought and"):
        client.post(address, {"text": text, "save": "1"}, secure=True)
    assert Draft.objects.count() == 1
    page = client.get(article.get_absolute_url(), secure=True).content.decode()
    assert "Half a thought and</textarea>" in page and "This is your draft" in page
    assert "Half a thought and" in client.get("/account/drafts/", secure=True).content.decode()
    form_id = re.search(r'name="form_id" value="([^"]+)"', page)[1]
    fields = {"text": "Half a thought and a half.", "form_id": form_id}
    client.post(address, fields | {"rules": rules_in_force().pk}, secure=True)
    assert not Draft.objects.exists() and Comment.objects.count() == 1


def test_a_session_that_expired_while_writing_loses_nothing(client, article):
    client.force_login(make_member(trusted=True))
    client.get(article.get_absolute_url(), secure=True)
    client.cookies[settings.SESSION_COOKIE_NAME] = "expired"
    answer = write_as_guest(client, article, "Words of an hour.")
    assert "Words of an hour." in client.get(answer["Location"], secure=True).content.decode()


def test_a_stale_token_gives_the_words_back_with_a_new_one(article):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(make_member(trusted=True))
    answer = client.post(
        f"{article.get_absolute_url()}conversation/",
        {"text": "Long words.", "csrfmiddlewaretoken": "x" * 64, "rules": rules_in_force().pk},
        secure=True,
    )
    page = answer.content.decode()
    assert answer.status_code == 200 and "Press the button once more" in page
    assert "Long words." in page and "csrfmiddlewaretoken" in page and not Comment.objects.exists()
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    again = {
        "text": "Long words.", "csrfmiddlewaretoken": token, "rules": rules_in_force().pk,
    }  # fmt: skip
    headers = {"Referer": "https://testserver/"}
    address = f"{article.get_absolute_url()}conversation/"
    assert client.post(address, again, secure=True, headers=headers).status_code == 303


def test_a_draft_of_a_reply_to_what_is_gone_says_so_and_keeps_the_words(client):
    comment = make_comment()
    member = make_member(trusted=True)
    draft = drafts.save_for(member, article=comment.article, parent=comment, source="To you.")
    from community.comments.moderation import set_state

    set_state(comment, "hidden")
    client.force_login(member)
    address = f"/account/drafts/{draft.pk}/"
    page = client.get(address, secure=True).content.decode()
    assert "no longer there" in page and "To you." in page
    assert client.post(address, {"text": "x"}, secure=True).status_code == 200
    assert Comment.objects.count() == 1


def test_old_words_are_forgotten_and_a_dry_run_only_counts(article):
    member = make_member(trusted=True)
    drafts.save_for(member, article=article, parent=None, source="Old.")
    Draft.objects.update(saved_at=timezone.now() - timezone.timedelta(days=31))
    comment = make_comment("Gone.", on=article, state="deleted")
    Comment.objects.update(state_at=timezone.now() - timezone.timedelta(days=31))
    assert retention.forget(dry_run=True)["drafts"] == 1 and Draft.objects.exists()
    forgotten = {what: count for what, count in retention.forget().items() if count}
    assert forgotten == {"drafts": 1, "deleted words": 1}
    assert set(retention.forget().values()) == {0}
    comment.refresh_from_db()
    assert comment.source == comment.html == ""


def test_posting_other_words_leaves_the_draft_alone(client, article):
    member = make_member(trusted=True)
    drafts.save_for(member, article=article, parent=None, source="For another day.")
    client.force_login(member)
    make_comment("Something short.", on=article, by=member)
    assert Draft.objects.get().source == "For another day."

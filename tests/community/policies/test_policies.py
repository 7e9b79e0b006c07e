"""The posted texts, and that nobody can rewrite what people were told."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from community.policies.models import Policy, PolicyVersion
from community.policies.starter import add_starter_texts
from tests.factories import make_member, make_policy_version

pytestmark = pytest.mark.django_db


def get(client, url):
    return client.get(url, secure=True)


@pytest.mark.parametrize("kind", Policy.Kind.values)
def test_each_text_is_posted_with_when_and_what_changed(client, kind):
    add_starter_texts(published_at=timezone.now() - timedelta(days=1))
    page = get(client, reverse(f"policies:{kind}"))
    words = page.content.decode()
    assert page.status_code == 200 and "Last changed" in words and "First version." in words


def test_a_text_that_is_not_posted_yet_is_not_there(client):
    make_policy_version("rules", draft=True)
    make_policy_version("privacy", published_at=timezone.now() + timedelta(hours=1))
    for url in ("/rules/", "/rules/versions/1/", "/privacy/", "/privacy/versions/1/"):
        assert get(client, url).status_code == 404
    assert get(client, "/rules/versions/0/").status_code == 404
    assert get(client, "/rules/versions/99999999999/").status_code == 404


def test_earlier_versions_can_be_read_and_say_that_they_were_replaced(client):
    make_policy_version("rules", body="Be kind.\n")
    make_policy_version("rules", body="Be kind, always.\n", changed="We added a word.")
    now = get(client, "/rules/").content.decode()
    assert "Be kind, always." in now and "We added a word." in now
    assert 'href="/rules/versions/1/"' in now
    then = get(client, "/rules/versions/1/").content.decode()
    assert "<p>Be kind.</p>" in then and "replaced" in then and 'href="/rules/"' in then


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE policies_policyversion SET body = 'Be unkind.'",
        "UPDATE policies_policyversion SET title = 'x'",
        "UPDATE policies_policyversion SET changed = 'x'",
        "UPDATE policies_policyversion SET number = 7",
        "UPDATE policies_policyversion SET published_at = NULL",
        "UPDATE policies_policyversion SET published_at = now() + interval '1 day'",
        "DELETE FROM policies_policyversion",
    ],
)
def test_the_database_refuses_to_change_what_was_posted(change):
    version = make_policy_version(published_by=make_member())
    before = PolicyVersion.objects.values().get()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        connection.cursor().execute(change)
    assert PolicyVersion.objects.values().get() == before
    assert version.policy.versions.count() == 1


def test_a_draft_can_be_changed_and_thrown_away():
    version = make_policy_version(draft=True)
    version.body = "Other words.\n"
    version.save()
    version.delete()
    assert not PolicyVersion.objects.exists()


def test_who_posted_it_can_still_leave():
    member = make_member()
    make_policy_version(published_by=member)
    member.delete()
    assert PolicyVersion.objects.get().published_by is None


def test_starter_texts_are_drafts_and_never_doubled():
    assert len(add_starter_texts()) == len(Policy.Kind.values)
    assert add_starter_texts() == []
    assert not PolicyVersion.objects.published().exists()


def test_a_draft_that_is_posted_after_a_later_one_becomes_the_newest(client):
    make_policy_version("rules")
    draft = make_policy_version("rules", draft=True, body="The second draft.\n")
    make_policy_version("rules", body="Posted in between.\n")
    draft.published_at = timezone.now()
    draft.save()
    assert draft.number == 4
    assert "The second draft." in get(client, "/rules/").content.decode()
    assert "Posted in between." in get(client, "/rules/versions/3/").content.decode()


def test_an_editor_posts_a_new_version_and_cannot_touch_it_afterwards(client):
    current = make_policy_version("rules", body="Be kind.\n")
    client.force_login(make_member(editor=True))
    add = reverse("admin:policies_policyversion_add")
    choice = client.get(add, secure=True).content.decode()
    assert f'href="?policy={current.policy_id}">Our rules</a>' in choice
    form = client.get(add, {"policy": current.policy_id}, secure=True)
    assert "Be kind." in form.content.decode()
    sent = {
        "policy": current.policy_id,
        "title": "Our rules",
        "body": "Be kind, always.",
        "changed": "We added a word.",
        # Someone who sets an earlier day must not make the past say what it did not.
        "published_at_0": "2020-01-01",
        "published_at_1": "00:00:00",
    }
    unsure = client.post(add, sent, secure=True)
    assert "tick this box" in unsure.content.decode() and not current.policy.versions.count() > 1
    slip = {"published_at_0": "9999-12-31", "published_at_1": "23:59", "is_sure": "on"}
    late = client.post(add, {**sent, **slip}, secure=True)
    assert (
        "within the next year" in late.content.decode() and not current.policy.versions.count() > 1
    )
    answer = client.post(add, {**sent, "is_sure": "on"}, secure=True, follow=True)
    assert "it is in force from now on" in answer.content.decode()
    posted = PolicyVersion.objects.in_force("rules")
    assert posted.number == 2 and timezone.now() - posted.published_at < timedelta(minutes=1)
    change = reverse("admin:policies_policyversion_change", args=[posted.pk])
    assert client.post(change, {**sent, "body": "Be unkind."}, secure=True).status_code == 403

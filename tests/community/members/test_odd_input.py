"""Odd addresses and unlucky moments get an answer, never an error."""

import pytest
from django.urls import reverse

from community.members import codes, doors
from community.members.models import Member
from community.members.models import member as module
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("after", ["x", "", "-1", "9" * 60, "%00", "٣"])
def test_choosing_words_answers_whatever_stands_in_the_address(client, after):
    client.force_login(make_member())
    assert client.get(f"/account/close/words/?after={after}", secure=True).status_code == 200


@pytest.mark.parametrize(
    "before",
    ["2020-13-45T00:00", "2020-01-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59+00:00", "x"],
)
def test_the_page_of_remembering_answers_whatever_stands_in_the_address(client, before):
    answer = client.get(f"/remembering/?before={before}", secure=True)
    assert answer.status_code == 200


def test_two_people_of_one_name_join_at_the_same_moment(monkeypatch):
    make_member(display_name="Anna", email="a@harbor.example")
    row = codes.send_code("join", "b@harbor.example", display_name="Anna")
    real, looks = module.handle_for, []

    def handle_for(name, is_taken):
        looks.append(name)  # the first look came before the other Anna was written
        return "anna" if len(looks) == 1 else real(name, is_taken=is_taken)

    monkeypatch.setattr(module, "handle_for", handle_for)
    member, is_new = doors.account_for(row)
    assert is_new and member.handle.startswith("anna-") and member.email == "b@harbor.example"


def test_a_code_for_signing_in_never_makes_an_account():
    member = make_member(email="old@harbor.example")
    row = codes.send_code("sign-in", "old@harbor.example")
    Member.objects.filter(pk=member.pk).update(email="new@harbor.example")
    assert doors.account_for(row) == (None, False)
    assert Member.objects.count() == 1


def test_a_code_of_an_account_that_is_gone_leads_back_to_signing_in(client, mailoutbox):
    member = make_member(email="old@harbor.example")
    client.post(reverse("account_login"), {"email": member.email}, secure=True)
    typed = mailoutbox[-1].body.split("-")[0][-4:] + mailoutbox[-1].body.split("-")[1][:4]
    member.delete()
    answer = client.post(reverse("members:code"), {"code": typed}, secure=True)
    assert answer.status_code == 302 and "_auth_user_id" not in client.session
    assert not Member.objects.exists()

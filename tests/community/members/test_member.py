"""The account: one address in any case, no user name, and a first group of editors."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests.factories import make_member

pytestmark = pytest.mark.django_db


def test_one_address_is_one_account_in_any_case():
    make_member(email="Ana@harbor.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_member(email="aNA@harbor.example")


def test_people_sign_in_with_their_address_in_any_case():
    member = make_member(email="ana@harbor.example")
    assert authenticate(username="ANA@harbor.example", password="a password") == member


def test_the_name_people_see_is_never_the_address():
    assert str(make_member(display_name="Ana", email="ana.full.name@harbor.example")) == "Ana"


def test_editors_may_run_the_magazine_and_the_posted_texts_and_nothing_else():
    rights = {p.codename for p in Group.objects.get(name="Editors").permissions.all()}
    verbs = ("add", "change", "delete", "view")
    nouns = (
        "article",
        "articletopic",
        "byline",
        "choice",
        "contributor",
        "issue",
        "picture",
        "placement",
        "policyversion",
        "poll",
        "topic",
    )
    assert rights == {f"{verb}_{noun}" for verb in verbs for noun in nouns} | {
        "publish_article",
        "send_issue",
    }


def test_an_editor_finds_the_magazine_in_the_admin_and_no_accounts(client):
    client.force_login(make_member(editor=True))
    desk = client.get(reverse("admin:index"), secure=True).content.decode()
    assert "/admin/articles/article/" in desk and "/admin/members/" not in desk
    assert client.get(reverse("admin:members_member_changelist"), secure=True).status_code == 403

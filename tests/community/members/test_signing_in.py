"""Codes by mail: what everyone can rely on, and what nobody else can do."""

import re
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from advocacy_site.ratelimits import minutes
from community.members import codes
from community.members.limits import ABOUT_ONE_ADDRESS, FROM_ONE_NETWORK
from community.members.models import EmailedCode, Member
from community.policies.models import Acceptance
from tests.factories import make_member, make_policy_version

pytestmark = pytest.mark.django_db

JOINING = {"email": "ana@harbor.example", "display_name": "Jo", "over_18": "on", "rules": "on"}


def post(client, name, data=None, **more):
    return client.post(reverse(f"members:{name}"), data or {}, secure=True, **more)


def mailed_code(number=-1):
    return re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", mail.outbox[number].body).group()


def signed_in_as(client):
    pk = client.session.get("_auth_user_id")
    return pk and Member.objects.get(pk=pk)


def sign_in(client, email):
    post(client, "sign-in", {"email": email})
    return post(client, "code", {"code": mailed_code()})


def test_a_code_by_mail_signs_in(client):
    member = make_member(email="ana@harbor.example")
    asked = post(client, "sign-in", {"email": "ANA@harbor.example"})
    assert asked.url == reverse("members:code")
    done = post(client, "code", {"code": mailed_code().lower().replace("-", " ")})
    assert done.url == reverse("members:account") and signed_in_as(client) == member


def test_joining_asks_four_things_and_makes_the_account_only_when_the_code_is_right(client):
    rules = make_policy_version("rules")
    post(client, "join", JOINING)
    assert not Member.objects.exists()
    post(client, "code", {"code": mailed_code()})
    member = Member.objects.get()
    assert (member.email, member.display_name, member.handle) == ("ana@harbor.example", "Jo", "jo")
    assert not member.has_usable_password() and signed_in_as(client) == member
    assert Acceptance.objects.get().version == rules


@pytest.mark.parametrize("missing", JOINING)
def test_each_of_the_four_is_asked_for_and_nothing_typed_is_lost(client, missing):
    data = {key: value for key, value in JOINING.items() if key != missing}
    page = post(client, "join", data).content.decode()
    assert "There is a problem" in page and "<title>Error: " in page
    assert not mail.outbox
    for value in (v for v in data.values() if v != "on"):
        assert f'value="{value}"' in page
    assert page.count(" checked") == list(data.values()).count("on")


def test_known_and_unknown_addresses_get_the_same_answers(client, django_user_model):
    make_member(email="known@harbor.example")
    for name in ("sign-in", "join"):
        pages = []
        for email in ("known@harbor.example", "other@harbor.example"):
            client.cookies.clear()
            asked = post(client, name, {**JOINING, "email": email})
            shown = client.get(asked.url, secure=True).content.decode().replace(email, "EMAIL")
            tries = [post(client, "code", {"code": "BCDF-GHJK"}) for _ in range(3)]
            texts = [t.content.decode().replace(email, "EMAIL") for t in tries]
            token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
            pages.append(
                [asked.status_code, asked.url, *(token.sub("", text) for text in (shown, *texts))]
            )
        assert pages[0] == pages[1]
    assert len(mail.outbox) == 4


def test_joining_with_a_known_address_mails_a_code_that_signs_in(client):
    member = make_member(email="ana@harbor.example", display_name="Ana")
    post(client, "join", JOINING)
    assert "already have an account" in mail.outbox[-1].body
    post(client, "code", {"code": mailed_code()})
    assert signed_in_as(client) == member and Member.objects.get().display_name == "Ana"


def test_an_unknown_address_is_told_by_mail_and_no_code_opens_anything(client):
    post(client, "sign-in", {"email": "nobody@harbor.example"})
    assert "no account" in mail.outbox[0].body
    assert not re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", mail.outbox[0].body)


def test_a_code_works_once(client):
    make_member(email="ana@harbor.example")
    sign_in(client, "ana@harbor.example")
    assert not EmailedCode.objects.exists()


def test_a_code_works_only_in_the_browser_that_asked(client, client_factory=None):
    from django.test import Client

    make_member(email="ana@harbor.example")
    post(client, "sign-in", {"email": "ana@harbor.example"})
    other = Client()
    page = post(other, "code", {"code": mailed_code()})
    assert page.status_code == 410 and not signed_in_as(other)


def test_a_code_can_be_tried_three_times(client):
    make_member(email="ana@harbor.example")
    post(client, "sign-in", {"email": "ana@harbor.example"})
    right = mailed_code()
    pages = [post(client, "code", {"code": "BCDF-GHJK"}).content.decode() for _ in range(3)]
    assert "2 more times" in pages[0] and "1 more time." in pages[1]
    assert "three times" in pages[2]
    post(client, "code", {"code": right})
    assert not signed_in_as(client)


def test_a_code_works_for_ten_minutes(client):
    make_member(email="ana@harbor.example")
    post(client, "sign-in", {"email": "ana@harbor.example"})
    EmailedCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    post(client, "code", {"code": mailed_code()})
    assert not signed_in_as(client)
    assert codes.forget_old_codes() == 1 and codes.forget_old_codes() == 0


def test_a_new_code_replaces_the_old_one(client):
    make_member(email="ana@harbor.example")
    post(client, "sign-in", {"email": "ana@harbor.example"})
    post(client, "code-again")
    assert EmailedCode.objects.count() == 1
    post(client, "code", {"code": mailed_code(0)})
    assert not signed_in_as(client)
    post(client, "code", {"code": mailed_code(1)})
    assert signed_in_as(client)


def test_what_is_kept_does_not_tell_the_code(client):
    make_member(email="ana@harbor.example")
    post(client, "sign-in", {"email": "ana@harbor.example"})
    row = EmailedCode.objects.values().get()
    assert codes.tidy(mailed_code()).encode() not in bytes(row["code_hash"])
    assert mailed_code() not in str(dict(client.session))


def test_a_guest_who_only_looks_gets_no_cookie(client):
    for name in ("sign-in", "join", "password", "reading", "tell", "code", "sign-out"):
        page = client.get(reverse(f"members:{name}"), secure=True)
        assert page.status_code == 200 and not page.cookies, name


def test_the_limit_is_the_same_for_known_and_unknown_addresses(client):
    make_member(email="known@harbor.example")
    for email in ("known@harbor.example", "other@harbor.example"):
        client.cookies.clear()
        answers = [post(client, "sign-in", {"email": email}) for _ in range(ABOUT_ONE_ADDRESS + 1)]
        assert [a.status_code for a in answers] == [302] * ABOUT_ONE_ADDRESS + [429]


def test_one_network_cannot_ask_about_everyone(client):
    statuses = [
        post(client, "sign-in", {"email": f"n{n}@harbor.example"}).status_code
        for n in range(FROM_ONE_NETWORK + 1)
    ]
    assert statuses == [302] * FROM_ONE_NETWORK + [429]


def test_a_stranger_can_never_keep_the_owner_from_a_code(client):
    """Not from elsewhere, and not from the same hospital wifi."""
    from django.test import Client

    make_member(email="ana@harbor.example")
    sign_in(client, "ana@harbor.example")
    post(client, "sign-out")
    for address in ("127.0.0.1", "192.0.2.7", "192.0.2.8"):
        stranger = Client(REMOTE_ADDR=address)
        for _ in range(FROM_ONE_NETWORK + 2):
            post(stranger, "sign-in", {"email": "ana@harbor.example"})
            post(stranger, "code", {"code": "BCDF-GHJK"})
            post(stranger, "password", {"email": "ana@harbor.example", "password": "x"})
    mail.outbox.clear()
    sign_in(client, "ana@harbor.example")
    assert signed_in_as(client)


def test_a_new_browser_of_the_owner_is_not_limited_by_strangers_elsewhere(client):
    from django.test import Client

    make_member(email="ana@harbor.example")
    stranger = Client(REMOTE_ADDR="192.0.2.7")
    for _ in range(FROM_ONE_NETWORK):
        post(stranger, "sign-in", {"email": "ana@harbor.example"})
    sign_in(client, "ana@harbor.example")
    assert signed_in_as(client)


def test_a_forged_or_foreign_browser_cookie_opens_no_limit(client):
    from django.conf import settings
    from django.test import Client

    make_member(email="ana@harbor.example")
    make_member(email="eve@harbor.example")
    eve = Client()
    sign_in(eve, "eve@harbor.example")
    post(eve, "sign-out")
    for cookie in ("x", eve.cookies[settings.KNOWN_BROWSER_COOKIE_NAME].value):
        client.cookies[settings.KNOWN_BROWSER_COOKIE_NAME] = cookie
        answers = [
            post(client, "sign-in", {"email": "ana@harbor.example"}).status_code for _ in range(7)
        ]
        assert answers[-1] == 429


def test_when_counting_fails_nothing_is_sent(client):
    from django.db import DatabaseError

    make_member(email="ana@harbor.example")
    with patch("advocacy_site.ratelimits.connection.cursor", side_effect=DatabaseError):
        from community.members import limits

        assert not limits.allow("code", "x", to=5, per=minutes(10))


def test_a_mail_server_that_is_down_is_a_sentence_and_not_an_error(client):
    make_member(email="ana@harbor.example")
    for email in ("ana@harbor.example", "other@harbor.example"):
        with patch("advocacy_site.mail.EmailMultiAlternatives.send", side_effect=OSError):
            page = post(client, "sign-in", {"email": email})
        assert page.status_code == 200 and "Wait a minute" in page.content.decode()


def test_a_name_that_looks_full_is_asked_about_once_and_never_refused(client):
    data = {**JOINING, "display_name": "Maria Lopez"}
    page = post(client, "join", data).content.decode()
    assert "looks like a full name" in page and not mail.outbox
    kept = post(client, "join", {**data, "sure_of_name": "Maria Lopez"})
    assert kept.status_code == 302 and mail.outbox


def test_a_name_that_repeats_the_address_is_asked_about_and_can_be_changed(client):
    data = {**JOINING, "email": "marisol.v@harbor.example", "display_name": "marisolv"}
    page = post(client, "join", data).content.decode()
    assert "close to your email address" in page
    back = post(client, "join", {**data, "change_name": "yes"}).content.decode()
    assert 'value="marisolv"' in back and "There is a problem" not in back


def test_the_way_back_leads_only_to_pages_of_this_site(client):
    make_member(email="ana@harbor.example")
    for url, after in {
        "/articles/": "/articles/",
        "https://example.org/": reverse("members:account"),
        "//example.org/": reverse("members:account"),
        "javascript:alert(1)": reverse("members:account"),
        "/\\example.org": reverse("members:account"),
    }.items():
        client.cookies.clear()
        post(client, "sign-in", {"email": "ana@harbor.example", "next": url})
        assert post(client, "code", {"code": mailed_code()}).url == after


def test_what_a_guest_had_in_the_session_is_still_there_after_joining(client):
    post(client, "join", JOINING)
    session = client.session
    session["draft"] = "My words"
    session.save()
    post(client, "code", {"code": mailed_code()})
    assert client.session["draft"] == "My words" and signed_in_as(client)


@pytest.mark.parametrize(
    "name",
    [
        "\u202e\u200b",
        "\0",
        "a" * 41,
        "Z" + "\u0301" * 30,
        "a@b.c",
        "Moderator",
        "Harbor staff",
        " ",
    ],
)
def test_names_nobody_could_read_or_that_pretend_are_refused_with_a_sentence(client, name):
    page = post(client, "join", {**JOINING, "display_name": name})
    assert page.status_code == 200 and "There is a problem" in page.content.decode()


@pytest.mark.parametrize("name", ["🌊", "Ana\u202e", "李娜", "María", "O'Neill", "👩‍🦲"])
def test_names_of_every_kind_are_welcome(client, name):
    post(client, "join", {**JOINING, "display_name": name})
    post(client, "code", {"code": mailed_code()})
    member = Member.objects.get()
    assert "\u202e" not in member.display_name
    assert client.get(member.get_absolute_url(), secure=True).status_code == 200


@pytest.mark.parametrize("email", ["", "x", "a@b", "a" * 300 + "@x.example", "a\0@x.example", "é@"])
def test_odd_addresses_get_a_sentence(client, email):
    for name in ("sign-in", "join"):
        page = post(client, name, {**JOINING, "email": email})
        assert page.status_code == 200 and "There is a problem" in page.content.decode()


@pytest.mark.parametrize("code", ["", "1", "\0" * 8, "x" * 5000, "BCDF-GHJ\u202eK", "🌊" * 8])
def test_odd_codes_get_a_sentence(client, code):
    make_member(email="ana@harbor.example")
    post(client, "sign-in", {"email": "ana@harbor.example"})
    page = post(client, "code", {"code": code})
    assert page.status_code == 200 and "There is a problem" in page.content.decode()


def test_a_password_works_for_those_who_set_one(client):
    member = make_member(email="ana@harbor.example")
    wrong = post(client, "password", {"email": "ana@harbor.example", "password": "no"})
    nobody = post(client, "password", {"email": "no@harbor.example", "password": "no"})
    assert "is not right" in wrong.content.decode() and "is not right" in nobody.content.decode()
    post(client, "password", {"email": "ana@harbor.example", "password": "a password"})
    assert signed_in_as(client) == member


def test_mails_say_they_come_from_a_machine_and_carry_no_health_word(client):
    make_member(email="ana@harbor.example")
    post(client, "sign-in", {"email": "ana@harbor.example"})
    post(client, "join", {**JOINING, "email": "new@harbor.example"})
    for message in mail.outbox:
        assert message.extra_headers["Auto-Submitted"] == "auto-generated"
        assert not re.search("cancer|mbc|breast|health", message.subject + message.body, re.I)
        assert message.alternatives[0][1] == "text/html"


def test_a_code_that_nobody_was_mailed_opens_nothing_even_if_guessed():
    closed = make_member(email="closed@harbor.example", is_active=False)
    for address in ("nobody@harbor.example", closed.email):
        with patch.object(codes.secrets, "choice", return_value="B"):
            row = codes.send_code("sign_in", address)
        assert codes.use_code(row.key, "BBBB-BBBB")[0] is None, address


@pytest.mark.parametrize("over", [{"expires_at": timezone.now()}, {"tries_left": 0}])
def test_a_code_that_is_over_waits_no_longer(over):
    row = codes.send_confirm_code(make_member())
    assert codes.waiting(row.key) == row
    EmailedCode.objects.update(**over)
    assert codes.waiting(row.key) is None

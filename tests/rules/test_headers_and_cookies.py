"""The exact headers and cookies of every kind of page. A new one must be written here first."""

import re
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import InterfaceError
from django.urls import reverse

from tests.factories import (
    make_article,
    make_contributor,
    make_member,
    make_picture,
    make_policy_version,
    make_poll,
)

pytestmark = pytest.mark.django_db

PUBLIC_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default"
)
ADMIN_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
ON_EVERY_PAGE = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
        "gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
HSTS = "max-age=31536000; includeSubDomains; preload"


def reader_pages():
    article = make_article(by=[make_contributor("Dana")])
    withdrawn = make_article(withdrawn=True)
    for kind in ("rules", "privacy", "health-data", "editorial-integrity", "disclaimer"):
        make_policy_version(kind)
    return {
        reverse("articles:home"): 200,
        reverse("articles:list"): 200,
        reverse("articles:topics"): 200,
        article.get_absolute_url(): 200,
        article.topic_list[0].get_absolute_url(): 200,
        article.contributor_list[0].get_absolute_url(): 200,
        withdrawn.get_absolute_url(): 410,
        "/polls/": 200,
        make_poll(slug="tea").get_absolute_url(): 200,
        "/polls/tea/results/": 200,
        "/polls/tea/vote/": 200,
        "/rules/": 200,
        "/rules/versions/1/": 200,
        "/privacy/": 200,
        "/health-data/": 200,
        "/editorial-integrity/": 200,
        "/disclaimer/": 200,
        "/remembering/": 200,
        "/nowhere/": 404,
        "/talk/": 200,
        f"{article.get_absolute_url()}conversation/": 200,
        "/health/live": 200,
        "/health/ready": 200,
    }


def test_a_reader_gets_these_headers_and_never_a_cookie(client, settings):
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    may_have = {"Content-Length", "Content-Type", "ETag", "Vary", "Content-Encoding"}
    may_have |= {"Cache-Control", "Expires"}  # of health and a reader's own vote
    for url, status in reader_pages().items():
        page = client.get(url, secure=True, headers={"Accept-Encoding": "gzip"})
        assert page.status_code == status, url
        assert not page.cookies, url
        found = dict(page.headers)
        assert found.pop("Content-Security-Policy") == PUBLIC_CSP, url
        assert found.pop("Strict-Transport-Security") == HSTS
        for name, value in ON_EVERY_PAGE.items():
            assert found.pop(name) == value, (url, name)
        assert found.keys() <= may_have, (url, found)
        assert "Cookie" not in found.get("Vary", "") or status == 404, url


def test_the_names_of_all_cookies():
    names = {
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        settings.VOTE_COOKIE_NAME,  # set at the first vote: tests/polls/test_voting.py
        settings.DRAFT_COOKIE_NAME,  # set when someone writes before signing in
        settings.KNOWN_BROWSER_COOKIE_NAME,
        settings.READING_COOKIE_NAME,
    }
    assert names == {
        "__Host-session",
        "__Host-csrf",
        "__Host-voter",
        "__Host-draft",
        "__Host-known",
        "__Host-reading",
    }


def test_signing_in_to_the_admin_sets_three_cookies_bound_to_this_host(client):
    member = make_member(superuser=True)
    page = client.get(reverse("admin:login"), secure=True)
    assert set(page.cookies) == {"__Host-csrf"}
    client.post(
        reverse("admin:login"), {"username": member.email, "password": "a password"}, secure=True
    )
    assert set(client.cookies) == {"__Host-csrf", "__Host-session", "__Host-known"}
    for cookie in client.cookies.values():
        assert cookie["secure"] and cookie["httponly"] and cookie["path"] == "/"
        assert not cookie["domain"] and cookie["samesite"] == "Lax"


def without_nonce(policy):
    """Django admin asks for a nonce, new with every page."""
    return re.sub(r" 'nonce-[\w-]{22}'", "", policy)


def test_the_admin_has_a_policy_of_its_own_without_anything_unsafe(client):
    login = client.get(reverse("admin:login"), secure=True)
    assert without_nonce(login["Content-Security-Policy"]) == ADMIN_CSP
    client.force_login(make_member(superuser=True))
    for name in ("index", "articles_article_changelist", "articles_article_add"):
        page = client.get(reverse(f"admin:{name}"), secure=True)
        assert without_nonce(page["Content-Security-Policy"]) == ADMIN_CSP
        assert "unsafe" not in page["Content-Security-Policy"]
        for header, value in ON_EVERY_PAGE.items():
            assert page[header] == value


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "https://testserver"}, True),
        ({}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "https://example.org"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://["}, False),
        ({"Origin": "http://testserver"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://testserver"}, False),
    ],
)
def test_a_form_from_another_site_is_refused(client, headers, allowed):
    client.force_login(make_member(editor=True))
    answer = client.post(
        reverse("admin:articles_article_preview"), {"content": "x"}, secure=True, headers=headers
    )
    assert answer.status_code == (200 if allowed else 403)


def test_a_body_larger_than_any_form_is_refused_before_it_is_read(client):
    answer = client.generic(
        "POST", reverse("admin:login"), b"x", secure=True, CONTENT_LENGTH=str(18 * 1024 * 1024)
    )
    assert answer.status_code == 413


def test_pictures_are_sent_as_they_are(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    picture = make_picture(size=(600, 400))
    answer = client.get(picture.image.url, secure=True, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer and int(answer["Content-Length"]) > 0
    answer.close()


def test_static_files_are_for_this_site_only(client):
    answer = client.get("/static/css/tokens.css", secure=True)
    assert answer.status_code == 200 and "Access-Control-Allow-Origin" not in answer
    answer.close()


def test_ready_says_when_the_database_does_not_answer(client):
    with patch("advocacy_site.health.connection.cursor", side_effect=InterfaceError):
        assert client.get("/health/ready", secure=True).status_code == 503
    assert client.get("/health/ready", secure=True).status_code == 200

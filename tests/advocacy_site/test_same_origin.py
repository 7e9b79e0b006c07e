"""Forms that people without a session may send, and their protection."""

import pytest
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.test import RequestFactory

from advocacy_site.same_origin import public_form


@public_form
def vote(request):
    return HttpResponse("counted")


def send(cookies=None, headers=None, **post):
    request = RequestFactory().post("/", post, headers=headers or {})
    request.COOKIES.update(cookies or {})
    middleware = CsrfViewMiddleware(lambda request: vote(request))
    return middleware.process_view(request, vote, (), {}) or vote(request)


def test_without_a_session_no_token_is_needed():
    assert send().status_code == 200


def test_with_a_session_the_token_is_asked_for(settings):
    assert send({settings.SESSION_COOKIE_NAME: "x"}).status_code == 403


def test_a_browser_that_says_the_form_is_ours_needs_no_token(settings):
    """The form was opened before its reader signed in, in another tab."""
    signed_in = {settings.SESSION_COOKIE_NAME: "x"}
    assert send(signed_in, {"Sec-Fetch-Site": "same-origin"}).status_code == 200
    for other in ("same-site", "cross-site", "none", ""):
        assert send(signed_in, {"Sec-Fetch-Site": other}).status_code == 403, other


@pytest.mark.django_db
def test_with_a_session_and_its_token_it_goes_through(settings):
    token = "a" * 32
    cookies = {settings.SESSION_COOKIE_NAME: "x", settings.CSRF_COOKIE_NAME: token}
    request = RequestFactory().post(
        "/", {"csrfmiddlewaretoken": token}, secure=True, headers={"Referer": "https://testserver/"}
    )
    request.COOKIES.update(cookies)
    assert vote(request).status_code == 200

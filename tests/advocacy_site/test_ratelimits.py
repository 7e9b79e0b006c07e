"""Limits count across processes, forget who it was, and fail closed."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import DatabaseError, OperationalError
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from advocacy_site import ratelimits
from advocacy_site.models import RateLimitCount
from advocacy_site.ratelimits import allow, forget_expired, minutes, rate_limit

pytestmark = pytest.mark.django_db


@rate_limit("greet", to=2, per=minutes(10))
def greet(request):
    return HttpResponse("hello")


def post(address="192.0.2.1"):
    return greet(RequestFactory().post("/", REMOTE_ADDR=address))


def test_past_the_limit_the_answer_is_429_and_says_when_to_try_again():
    assert [post().status_code for _ in range(3)] == [200, 200, 429]
    refused = post()
    assert "a few minutes" in refused.content.decode()
    assert 0 < int(refused["Retry-After"]) <= minutes(10)


def test_others_are_not_limited_by_one_and_reading_is_never_limited():
    for _ in range(5):
        post()
    assert post("192.0.2.2").status_code == 200
    assert greet(RequestFactory().get("/", REMOTE_ADDR="192.0.2.1")).status_code == 200


def test_nothing_that_is_kept_tells_who_it_was():
    allow("by-email", "ana@harbor.example", to=1, per=60)
    row = RateLimitCount.objects.values().get()
    assert b"ana" not in bytes(row["key"]) and len(row["key"]) == 32


def test_when_counting_fails_the_deed_is_refused():
    with patch.object(ratelimits.connection, "cursor", side_effect=DatabaseError):
        assert allow("greet", "192.0.2.1", to=100, per=60) is False


def test_while_the_database_is_away_nobody_is_told_to_have_been_too_fast(client):
    client.raise_request_exception = False
    data = {"email": "ann@example.com", "choices": ["letter"]}
    with patch.object(ratelimits.connection, "cursor", side_effect=OperationalError("gone")):
        response = client.post("/emails/", data)
    assert response.status_code == 503
    assert "Nothing was sent" in response.content.decode()
    assert "ann@example.com" in response.content.decode()


def test_expired_counts_are_forgotten_and_others_kept():
    allow("greet", "a", to=1, per=60)
    RateLimitCount.objects.create(key=b"old", expires_at=timezone.now() - timedelta(seconds=1))
    assert forget_expired() == 1 and forget_expired() == 0
    assert RateLimitCount.objects.count() == 1

"""Whose word counts about where a request comes from."""

import pytest
from django.test import RequestFactory

from advocacy_site.client_address import client_address


@pytest.mark.parametrize(
    ("proxies", "connection", "forwarded", "found"),
    [
        ([], "192.0.2.1", None, "192.0.2.1"),
        ([], "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (["10.0.0.0/8"], "10.1.2.3", "198.51.100.7", "198.51.100.7"),
        (["10.0.0.0/8"], "10.1.2.3", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (["10.0.0.0/8"], "10.1.2.3", "203.0.113.9, 198.51.100.7, 10.9.9.9", "198.51.100.7"),
        (["10.0.0.0/8"], "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (["10.0.0.0/8"], "10.1.2.3", None, "10.1.2.3"),
        (["10.0.0.0/8"], "10.1.2.3", "nonsense", "unknown"),
        ([], "2001:db8:1:2:aaaa::1", None, "2001:db8:1:2::/64"),
        ([], "2001:db8:1:2:bbbb::2", None, "2001:db8:1:2::/64"),
        ([], "::ffff:192.0.2.1", None, "192.0.2.1"),
        ([], "", None, "unknown"),
    ],
)
def test_only_a_trusted_proxy_is_believed(settings, proxies, connection, forwarded, found):
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR=connection, headers=headers)
    assert client_address(request) == found

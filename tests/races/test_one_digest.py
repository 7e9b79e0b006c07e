"""Two programs that write the weekly letter at the same moment make one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from community.newsletter import digest
from community.newsletter.models import Issue
from tests.factories import make_article

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_at_once_make_one_letter():
    make_article(slug="new", published_at=timezone.now() - timedelta(days=1))
    together = Barrier(4)

    def make(_):
        try:
            together.wait(timeout=30)
            return digest.make_digest() is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(make, range(4)))
    assert made.count(True) == 1 and Issue.objects.count() == 1

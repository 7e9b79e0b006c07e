"""What happens at the same moment, with real commits from several threads."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from articles.due import apply_due
from articles.models import Article, AuditEntry, Revision, UnsavedWords
from articles.publishing import publish, schedule
from articles.revisions import content_of, save_revision
from articles.unsaved_words import keep
from tests.factories import make_article, make_member

pytestmark = pytest.mark.django_db(transaction=True)


def all_at_once(*deeds):
    """Run each in a thread of its own, started together. Returns what they returned, in order."""
    barrier = threading.Barrier(len(deeds))
    results = [None] * len(deeds)

    def run(place, deed):
        try:
            barrier.wait()
            results[place] = deed()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not [result for result in results if isinstance(result, Exception)], results
    return results


def test_saves_at_once_lose_no_words_and_number_without_gaps():
    article = make_article(title="Start")
    content = content_of(article)

    def save(number):
        mine = Article.objects.get(pk=article.pk)
        return save_revision(mine, content | {"title": f"Writer {number}"}, base=0)

    saved = all_at_once(*(lambda n=n: save(n) for n in range(6)))
    revisions = list(Revision.objects.order_by("number"))
    assert [r.number for r in revisions] == list(range(1, 8))
    assert {r.content["title"] for r in revisions} == {
        *("Start", *(f"Writer {n}" for n in range(6)))
    }
    assert sum(r.is_aside for r in revisions) == 5
    assert sum(s.newer is None for s in saved) == 1


def test_many_readers_at_the_minute_apply_a_schedule_once():
    article = make_article(title="Old")
    save_revision(article, content_of(article) | {"title": "New"})
    schedule(article, timezone.now() + timedelta(hours=1))
    Article.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    assert all_at_once(*[apply_due] * 6).count(True) == 1
    assert Article.objects.get().title == "New"
    assert AuditEntry.objects.filter(deed="took-effect").count() == 1


def test_publishing_twice_at_once_publishes_once():
    article = make_article(draft=True)
    results = all_at_once(*[lambda: publish(Article.objects.get(pk=article.pk))] * 4)
    assert results.count(True) == 1
    assert AuditEntry.objects.filter(deed="published").count() == 1


def test_two_tabs_keeping_words_at_once_both_succeed():
    editor = make_member(editor=True)
    article = make_article(draft=True)
    all_at_once(*[lambda: keep(article, editor, QueryDict("title=Half"))] * 4)
    all_at_once(*[lambda: keep(None, editor, QueryDict("title=New"))] * 4)
    assert UnsavedWords.objects.count() == 2

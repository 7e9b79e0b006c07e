"""What is kept for good: nobody changes, deletes or empties it, not by hand in the database."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from articles.models import Article, AuditEntry, Revision
from articles.publishing import publish
from articles.revisions import save_revision, working_revision
from tests.factories import make_article, make_member

pytestmark = pytest.mark.django_db


def run(sql):
    """Judged at once, as at the end of a transaction, and as any program but the tests."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL harbor.may_empty = ''")
        cursor.execute(sql)


@pytest.fixture
def article():
    article = make_article(draft=True)
    save_revision(article, working_revision(article).content | {"body": "First.\n"})
    save_revision(article, working_revision(article).content | {"body": "Second.\n"})
    publish(article)
    return article


@pytest.mark.parametrize(
    "sql",
    [
        "TRUNCATE articles_revision CASCADE",
        "TRUNCATE articles_auditentry",
        "TRUNCATE articles_article CASCADE",
        "DELETE FROM articles_revision WHERE number = 1",
        "DELETE FROM articles_auditentry",
        "UPDATE articles_revision SET note = 'other'",
        "UPDATE articles_auditentry SET deed = 'withdrew'",
    ],
)
def test_the_database_refuses(article, sql):
    before = Revision.objects.count(), AuditEntry.objects.count()
    with pytest.raises(IntegrityError):
        run(sql)
    assert (Revision.objects.count(), AuditEntry.objects.count()) == before


def test_a_draft_goes_with_its_saves_and_the_log_says_who_deleted_it(client):
    editor = make_member(editor=True, display_name="Ana")
    client.force_login(editor)
    draft = make_article(draft=True, title="Half a thought")
    save_revision(draft, working_revision(draft).content | {"body": "First.\n"})
    address = reverse("admin:articles_article_delete", args=[draft.pk])
    client.post(address, {"post": "yes"}, secure=True)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not Article.objects.exists() and not Revision.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.deed, entry.title, entry.by) == ("deleted", "Half a thought", editor)

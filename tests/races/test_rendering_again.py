"""Two at once, with real commits: the worker that renders, and the editor who writes."""

import threading

import pytest
from django.db import connection, transaction

from articles.models import Article
from articles.rendering import render_again
from tests.factories import make_article

pytestmark = pytest.mark.django_db(transaction=True)


def test_rendering_again_waits_for_an_editor_and_renders_her_words():
    article = make_article(body="Old words.\n")
    Article.objects.update(body_html="made by older code")
    saving, done = threading.Event(), threading.Event()

    def edit():
        with transaction.atomic():
            Article.objects.filter(pk=article.pk).update(body="New words.\n")
            saving.set()
            done.wait(0.3)  # the worker comes while her transaction is open
        connection.close()

    editor = threading.Thread(target=edit)
    editor.start()
    saving.wait(5)
    assert render_again(article.pk)
    done.set()
    editor.join()
    article.refresh_from_db()
    assert article.body == "New words.\n" and article.body_html == "<p>New words.</p>\n"

"""An account is closed in the moment something is done to what its member wrote."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from community.comments import drafts, writing
from community.comments.models import Comment, Draft
from community.members import closing, personal_data
from community.members.models import Member
from community.moderation import deciding
from tests.community.comments.factories import make_comment, rules_in_force
from tests.community.moderation.factories import decide, make_moderator
from tests.factories import make_article, make_member
from tests.races.locks import count_waiting

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 20


def in_thread(deed, errors):
    def run():
        try:
            deed()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


DEEDS = {
    "delete": lambda comment, by: writing.delete(comment),
    "edit": lambda comment, by: writing.edit(comment, source="Other words."),
    "decide": lambda comment, by: decide("kept", comment, by=by),
    "ask another": lambda comment, by: deciding.pass_on("asked", comment, by, "What do you say?"),
}


@pytest.fixture
def closing_of(monkeypatch):
    """``start, go_on = closing_of(member)``: an account closes, holding the member's row, and
    stands still before it lets go of her words."""

    def closing_of(writer, errors):
        Member.objects.filter(pk=writer.pk).update(
            closes_at=timezone.now() - timedelta(hours=1), closing_words="remove"
        )
        holds_the_member, go_on = threading.Event(), threading.Event()
        erasures = personal_data.erasures()

        def wait_before_the_words():
            holds_the_member.set()
            assert go_on.wait(SECONDS)
            return erasures

        monkeypatch.setattr(personal_data, "erasures", wait_before_the_words)
        closes = in_thread(lambda: closing.close(writer), errors)
        assert holds_the_member.wait(SECONDS)
        return closes, go_on

    return closing_of


def meet(closes, go_on, deed, errors):
    """The deed begins while the closing stands still; both go on once it waits, or is done."""
    does = in_thread(deed, errors)
    deadline = time.monotonic() + SECONDS
    while not count_waiting() and does.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    go_on.set()
    closes.join()
    does.join()


@pytest.mark.parametrize("name", DEEDS)
def test_closing_an_account_and_a_deed_at_once_do_not_lock_each_other_out(name, closing_of):
    """The closing holds the member and goes on to her words when the deed already waits."""
    writer, by, errors = make_member(trusted=True), make_moderator(), []
    comment = make_comment("Warm words.", by=writer)
    closes, go_on = closing_of(writer, errors)
    meet(closes, go_on, lambda: DEEDS[name](comment, by), errors)
    left = [error for error in errors if not isinstance(error, deciding.AlreadyDecided)]
    assert not left
    assert not Member.objects.filter(pk=writer.pk).exists()
    comment = Comment.objects.get()
    assert (comment.author_id, comment.source) == (None, "")


@pytest.mark.parametrize("way", ["box", "htmx", "draft"])
def test_words_sent_while_their_writers_account_closes_are_kept_as_a_visitors(way, closing_of):
    rules, article, writer = rules_in_force(), make_article(), make_member(trusted=True)
    errors, answers, browser = [], [], Client()
    browser.force_login(writer)
    address = reverse("comments:conversation", args=[article.slug])
    headers = {"HX-Request": "true"} if way == "htmx" else {}
    if way == "draft":
        draft = drafts.save_for(writer, article=article, parent=None, source="Last words.")
        address = reverse("comments:draft", args=[draft.pk])
    fields = {"text": "Last words.", "rules": rules.pk}

    def send():
        answers.append(browser.post(address, fields, headers=headers, secure=True))

    closes, go_on = closing_of(writer, errors)
    meet(closes, go_on, send, errors)
    assert not errors
    kept = Draft.objects.get()
    where = answers[0].headers.get("HX-Redirect") or answers[0].headers["Location"]
    assert where == reverse("comments:draft", args=[kept.pk])
    assert (kept.member_id, kept.source) == (None, "Last words.")
    assert not Comment.objects.exists()
    page = browser.get(where, secure=True)
    assert "Last words." in page.text
    assert writer.display_name not in page.text

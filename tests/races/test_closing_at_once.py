"""An account is closed in the moment something is done to what its member wrote."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from community.comments import writing
from community.comments.models import Comment
from community.members import closing, personal_data
from community.members.models import Member
from community.moderation import deciding
from tests.community.comments.factories import make_comment
from tests.community.moderation.factories import decide, make_moderator
from tests.factories import make_member
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


@pytest.mark.parametrize("name", DEEDS)
def test_closing_an_account_and_a_deed_at_once_do_not_lock_each_other_out(name, monkeypatch):
    """The closing holds the member and goes on to her words when the deed already waits."""
    writer, by = make_member(trusted=True), make_moderator()
    comment = make_comment("Warm words.", by=writer)
    Member.objects.filter(pk=writer.pk).update(
        closes_at=timezone.now() - timedelta(hours=1), closing_words="remove"
    )
    holds_the_member, go_on, errors = threading.Event(), threading.Event(), []
    erasures = personal_data.erasures()

    def wait_before_the_words():
        holds_the_member.set()
        assert go_on.wait(SECONDS)
        return erasures

    monkeypatch.setattr(personal_data, "erasures", wait_before_the_words)
    closes = in_thread(lambda: closing.close(writer), errors)
    assert holds_the_member.wait(SECONDS)
    does = in_thread(lambda: DEEDS[name](comment, by), errors)
    deadline = time.monotonic() + SECONDS
    while not count_waiting() and does.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    go_on.set()
    closes.join()
    does.join()
    left = [error for error in errors if not isinstance(error, deciding.AlreadyDecided)]
    assert not left
    assert not Member.objects.filter(pk=writer.pk).exists()
    comment = Comment.objects.get()
    assert (comment.author_id, comment.source) == (None, "")

import pytest

from community.comments.models import ListedWord
from tests.community.comments.factories import make_comment
from tests.community.moderation.factories import decide

pytestmark = pytest.mark.django_db


def test_words_that_are_refused_cannot_come_in_by_sending_a_text_again(client):
    comment = make_comment("Buy this.")
    act = decide("hidden", comment)
    ListedWord.objects.create(text="free money", action="refuse")
    client.force_login(comment.author)
    address = f"/account/moderation/{act.pk}/send-again/"
    page = client.post(address, {"text": "Get free-money."}, secure=True).content.decode()
    assert "Take out “free money”." in page and "Get free-money." in page
    comment.refresh_from_db()
    assert (comment.source, comment.state) == ("Buy this.", "removed")
    client.post(address, {"text": "Words without it."}, secure=True)
    comment.refresh_from_db()
    assert (comment.source, comment.state) == ("Words without it.", "held")

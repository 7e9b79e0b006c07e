"""What a member gets out, and what is left when she goes."""

from dataclasses import dataclass

import pytest
from django.db import connection

from community.comments import drafts, following, personal_data, reacting, visits, writing
from community.comments.models import Comment, Reaction
from tests.community.comments.factories import make_comment
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@dataclass
class Leaving:
    """Answers like members.personal_data.Parting."""

    marked: set | None = None

    def removes(self, part, key):
        return self.marked is None or key in self.marked


@pytest.fixture
def member():
    return make_member(display_name="Zebulon", handle="zebulon", email="zebulon@harbor.example")


def live(member):
    """A life on the site: comments, an edit, a draft, reactions, a follow, a visit."""
    other = make_comment("Hello.", by=make_member())
    mine = make_comment("My first words.", to=other, by=member)
    make_comment("An answer to her.", to=mine)
    writing.edit(mine, source="My second words.")
    kept = make_comment("Words to keep.", to=other, by=member)
    drafts.save_for(member, article=other.article, parent=None, source="A draft.")
    reacting.press(other, member, Reaction.Kind.HERE)
    following.follow(member, thread_id=other.pk)
    visits.saw(member, other.article, kept.pk)
    return mine, kept


def test_everything_she_wrote_and_did_is_handed_over(member):
    live(member)
    parts = {name: list(function(member)) for name, function in personal_data.EXPORTS.items()}
    assert [c["Your words"] for c in parts["Comments"]] == ["My second words.", "Words to keep."]
    assert parts["Earlier texts of your comments"][0]["Your words"] == "My first words."
    for name in ("Drafts", "Reactions", "Followed and muted", "Last visits"):
        assert len(parts[name]) == 1, name


def everything_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_name LIKE 'comments\\_%' AND data_type IN"
            " ('text', 'character varying', 'jsonb')"
        )
        texts = []
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT "{column}"::text FROM "{table}"')
            texts += [row[0] or "" for row in cursor.fetchall()]
    return "\n".join(texts)


def test_closing_without_the_words_leaves_places_and_no_text_or_name(member):
    live(member)
    personal_data.erase(member, Leaving())
    member.delete()
    left = everything_in_the_database()
    for gone in ("My first", "My second", "Words to keep", "A draft", "ebulon"):
        assert gone not in left
    assert "An answer to her." in left
    assert Comment.objects.filter(author=None, state="deleted").count() == 2


def test_closing_may_keep_some_words_without_the_name(client, member):
    mine, kept = live(member)
    personal_data.erase(member, Leaving({mine.pk}))
    member.delete()
    left = everything_in_the_database()
    assert "Words to keep." in left and "My second" not in left and "ebulon" not in left
    page = client.get(kept.article.get_absolute_url(), secure=True).content.decode()
    assert "A former member" in page and "Words to keep." in page and "Zebulon" not in page

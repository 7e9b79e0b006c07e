"""A list of words comes from a file: good lines are kept, the others named, nothing twice."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from community.comments import wordlists
from community.comments.models import ListedWord

pytestmark = pytest.mark.django_db


@pytest.fixture
def words(tmp_path):
    def load(content: bytes, **options):
        (tmp_path / "words.txt").write_bytes(content)
        out, problems = StringIO(), StringIO()
        call_command("load_words", tmp_path / "words.txt", stdout=out, stderr=problems, **options)
        return out.getvalue(), problems.getvalue()

    return load


def test_each_line_is_an_entry_and_takes_part_in_the_check(words):
    out, problems = words(b"miracle tea\n\n# a remark\n  pill*  \n", action="refuse")
    assert "Added 2 of 2" in out and not problems
    found = wordlists.find("Try my MIRACLE tea with pills.")
    assert [(one.entry, one.action) for one in found] == [
        ("miracle tea", "refuse"),
        ("pill*", "refuse"),
    ]


def test_a_second_time_changes_nothing_and_what_is_on_the_list_keeps_its_action(words):
    words("\ufeffmiracle tea\r\nmiracle tea\r\n".encode(), action="flag")
    out, _ = words(b"miracle tea\n", action="refuse")
    assert "Added 0 of 1" in out
    assert ListedWord.objects.get().action == "flag"


def test_what_is_no_entry_is_named_and_the_rest_is_kept(words):
    bad = ["*", "x" * 5000, "a*", "nul\0in it", "***", "a b c d e f g h i j k l"]
    out, problems = words("\n".join([*bad, "tea"]).encode())
    assert [word.text for word in ListedWord.objects.all()] == ["tea"]
    assert problems.count("Left out") == 6 and "of 7" in out


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_a_sentence(words, tmp_path, content):
    with pytest.raises(CommandError, match="Cannot read"):
        if content is None:
            call_command("load_words", tmp_path / "missing.txt")
        words(content)

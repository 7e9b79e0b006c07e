"""Articles from Markdown files, and back."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from articles.exporting import export_article
from articles.models import Article, Contributor, Picture, Topic
from tests.factories import make_contributor, make_picture, make_topic, picture_bytes

pytestmark = pytest.mark.django_db

WHOLE = """---
title: 'Counted: who is, and who is not'
slug: who-is-counted
standfirst: Most records never say so.
topics:
  - Advocacy
  - Living
contributors:
  - Dana Okafor
key_points:
  - Registries record the first diagnosis.
  - 'A number: about 3 in 4.'
content_notes:
  - death and dying
  - survival figures
hero: shore.png
hero_alt: A shore.
hero_focus: left
published: 2026-11-20
updated: 2026-11-22 15:30:00+00:00
change_note: We made a sentence clearer.
reviewed: 2026-11-21
reviewed_by: A nurse
review_due: 2027-11-21
demonstration: true
---
The first claim.[^a] The second.[^b] The first again.[^a]

[^a]: Source A, 2014.
[^b]: Source B, 2020.
"""


@pytest.fixture(autouse=True)
def ground(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    make_topic("Advocacy")
    make_topic("Living")
    make_contributor("Dana Okafor")
    make_picture("shore.png")


def run(path, **options):
    out, err = StringIO(), StringIO()
    try:
        call_command("import_article", str(path), stdout=out, stderr=err, **options)
    except CommandError as refused:
        return f"{err.getvalue()}{refused}"
    return out.getvalue()


@pytest.fixture
def write(tmp_path):
    def write(text, name="article.md"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_whole_file_becomes_a_whole_article(write):
    assert run(write(WHOLE)).startswith("created: /articles/who-is-counted/")
    article = Article.objects.get()
    assert [topic.name for topic in article.topic_list] == ["Advocacy", "Living"]
    assert article.hero.name == "shore.png" and article.hero_focus == "left"
    assert article.content_note_labels == ["death and dying", "survival figures"]
    assert article.sources_html.count("<li") == 2 and article.body_html.count("Source 1") == 2
    assert article.is_published and article.is_demonstration


def test_an_export_is_the_same_file_and_its_import_changes_nothing(write):
    path = write(WHOLE)
    run(path)
    out = StringIO()
    call_command("export_article", "who-is-counted", stdout=out)
    assert out.getvalue() == WHOLE
    before = Article.objects.values().get()
    assert run(path).startswith("unchanged")
    assert Article.objects.values().get() == before


def test_the_same_slug_updates_and_a_key_left_out_is_emptied(write):
    run(write(WHOLE))
    shorter = WHOLE.replace("  - Living\n", "").replace(
        "change_note: We made a sentence clearer.\n", ""
    )
    assert run(write(shorter)).startswith("updated")
    article = Article.objects.get()
    assert [topic.name for topic in article.topic_list] == ["Advocacy"]
    assert article.change_note == ""


def test_every_demonstration_article_is_its_own_export():
    call_command("demo_data", stdout=StringIO())
    files = sorted((Path(__file__).parents[2] / "articles/demo").glob("*.md"))
    assert len(files) >= 8
    for path in files:
        assert export_article(Article.objects.get(slug=path.stem)) == path.read_text()


def test_a_picture_beside_the_file_comes_along(write, tmp_path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "boat.png").write_bytes(picture_bytes(color=(1, 2, 3)))
    run(write(WHOLE.replace("shore.png", "boat.png")))
    assert Article.objects.get().hero == Picture.objects.get(name="boat.png")


def test_unknown_topics_and_contributors_are_refused_and_made_on_request(write):
    path = write(WHOLE.replace("- Living", "- Weather").replace("Dana Okafor", "Ines Moreau"))
    said = run(path)
    assert f'{path}:5: There is no topic "Weather".' in said
    assert not Article.objects.exists() and not Topic.objects.filter(name="Weather").exists()
    assert run(path, create=True).startswith("created")
    assert Contributor.objects.filter(slug="ines-moreau").exists()


def change(old, new):
    assert old in WHOLE
    return WHOLE.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (WHOLE.encode("utf-16"), 1, "Save the file as UTF-8."),
        (WHOLE.encode().replace(b"A shore", b"A sh\xf6re"), 17, "Save the file as UTF-8."),
        ("Hello", 1, "Begin the file with a line of three hyphens"),
        ("---\ntitle: x\n", 1, "End the front matter"),
        ("---\n- a\n---\nx", 2, "key: value"),
        ("---\n---\nx", 2, "key: value"),
        (change("title: 'Counted: who", "title: Counted: 'who"), 2, "in quotes"),
        (change("title: ", "titel: "), 2, 'There is no key "titel"'),
        (change("title: 'Counted: who is, and who is not'\n", ""), 1, "Add title"),
        (change("standfirst: Most records never say so.\n", ""), 1, "Add standfirst"),
        (change("slug: who-is-counted", "slug: Who is?"), 3, "for example who-is"),
        (change("slug: who-is-counted", "slug: [a]"), 3, "slug: write a text."),
        (change("standfirst: Most", f"standfirst: {'x' * 300}"), 4, "use 250 characters or fewer"),
        (change("topics:\n  - Advocacy\n  - Living", "topics: Advocacy"), 5, "write a list"),
        (change("topics:\n  - Advocacy\n  - Living", "topics: []"), 5, "write a list"),
        (change("  - Living", "  - Advocacy"), 5, "name each only once"),
        (change("  - Living", "  - {a: b}"), 5, "topics: write a text."),
        (change("- death and dying", "- sad"), 13, '"sad" is not a content note'),
        (change("hero: shore.png", "hero: sea.png"), 16, 'there is no picture "sea.png"'),
        (change("hero: shore.png", "hero: ../../etc/passwd"), 16, "without a folder"),
        (change("hero_alt: A shore.\n", ""), 16, "Add hero_alt"),
        (change("hero_focus: left", "hero_focus: middle"), 18, "use one of: center"),
        (change("published: 2026-11-20", "published: 20 November"), 19, "for example 2026-10-03"),
        (change("published: 2026-11-20", "published: 2026-13-45"), 19, "for example 2026-10-03"),
        (change("reviewed: 2026-11-21", "reviewed: soon"), 22, "year-month-day"),
        (change("demonstration: true", "demonstration: maybe"), 25, "write true or false"),
        (
            change("slug: who-is-counted", "slug: who-is-counted\nslug: again"),
            4,
            "already on line 3",
        ),
        (change("standfirst: Most records never say so.", "standfirst: *a"), 4, "aliases"),
        (change("The first claim.[^a]", "The first claim.[^c]"), 27, "[^c]:"),
        (change("[^b]: Source B, 2020.", "[^b]: B.\n[^c]: C."), 31, "remove the line"),
        (change("The second", "\n\n::: box\n\nThe second"), 29, 'There is no block "box"'),
        (change("The first claim", "[" * 60_000), 27, "Shorten the text"),
        (
            WHOLE.split("---\n")[0] + "---\n" + WHOLE.split("---\n")[1] + "---\n",
            27,
            "Write the text",
        ),
        (change("title: 'Counted: who is, and who is not'", 'title: "a\\0b"'), 2, "unprintable"),
    ],
)
def test_each_mistake_names_its_line_and_what_to_write_and_nothing_is_written(
    write, text, line, said
):
    path = write(text)
    pictures = Picture.objects.count()
    answer = run(path)
    assert f"{path}:{line}: " in answer and said in answer, answer
    assert "1 of 1 files refused" in answer
    assert not Article.objects.exists() and Picture.objects.count() == pictures


@pytest.mark.parametrize(
    "odd",
    [
        "yes: 1",
        "null: 1",
        "0x10: 1",
        "<<: {titel: x}",
        "? [a, b]\n: 1",
        "review_due: !!int ''",
        "review_due: !!bool x",
        "review_due: !!python/object/apply:os.system [ls]",
        "review_due: 0001-01-01",
        'hero_focus: "a\\ud800b"',
    ],
)
def test_odd_yaml_is_refused_with_its_line(write, odd):
    answer = run(write(change("review_due: 2027-11-21", odd)))
    assert ".md:24: " in answer or ".md:2: " in answer, answer
    assert not Article.objects.exists()


def test_a_text_stays_the_text_that_was_written(write):
    run(write(change("title: 'Counted: who is, and who is not'", "title: 12:30")))
    assert Article.objects.get().title == "12:30"


def test_a_draft_needs_only_a_title_and_an_address_and_comes_back_the_same(write):
    path = write("---\ntitle: An idea\nslug: an-idea\n---\n")
    assert run(path).startswith("created")
    article = Article.objects.get()
    assert article.state == "draft" and export_article(article) == path.read_text()
    assert run(path).startswith("unchanged")


def test_two_people_of_one_name_are_told_apart_by_their_address(write):
    make_contributor("Dana Okafor", slug="dana-2")
    assert "write one of dana-2, dana-okafor" in run(write(WHOLE))
    run(write(WHOLE.replace("- Dana Okafor", "- dana-2")))
    article = Article.objects.get()
    assert article.contributor_list[0].slug == "dana-2"
    assert "- dana-2" in export_article(article)


def test_an_import_never_changes_the_picture_of_another_article(write, tmp_path):
    run(write(WHOLE))
    other = tmp_path / "other"
    other.mkdir()
    (other / "shore.png").write_bytes(picture_bytes(color=(200, 0, 0)))
    before = Picture.objects.values().get()
    second = WHOLE.replace("slug: who-is-counted", "slug: another")
    answer = run(write(second, "other/article.md"))
    assert "another article shows a different picture of this name" in answer
    assert Picture.objects.values().get() == before and Article.objects.count() == 1


def test_rendering_again_keeps_what_an_editor_wrote(write):
    run(write(WHOLE))
    Article.objects.update(body="New words.\n", body_html="<p>Old words.</p>")
    call_command("render_articles", stdout=StringIO())
    article = Article.objects.get()
    assert article.body_html == "<p>New words.</p>\n" and article.words == 2
    out = StringIO()
    call_command("render_articles", stdout=out)
    assert out.getvalue() == "0 of 1 articles changed.\n"


def test_a_missing_file_is_a_sentence(tmp_path):
    assert "The file cannot be read" in run(tmp_path / "nowhere.md")


def test_one_bad_file_does_not_keep_the_others_out(write):
    good, bad = write(WHOLE), write("nonsense", "bad.md")
    with pytest.raises(CommandError, match="1 of 2 files refused"):
        call_command("import_article", str(bad), str(good), stdout=StringIO(), stderr=StringIO())
    assert Article.objects.count() == 1

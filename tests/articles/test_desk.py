"""The desk through its doors: previews, history, kept words, where things are used."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core import signing
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.admin import writing
from articles.models import (
    Article,
    AuditEntry,
    Contributor,
    Presence,
    Revision,
    SourceCheck,
    UnsavedWords,
)
from articles.moments import in_words
from articles.pictures import clean_picture, keep_picture
from articles.preview_links import preview_address
from articles.publishing import bring_back, missing, publish, schedule, withdraw
from articles.revisions import content_of, record_row, save_revision, working_revision
from tests.factories import (
    make_article,
    make_contributor,
    make_member,
    make_picture,
    make_topic,
    picture_bytes,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def editor(client):
    editor = make_member(editor=True, display_name="Ana")
    client.force_login(editor)
    return editor


def desk(name, *args):
    return reverse(f"admin:articles_article_{name}", args=args)


def get(client, url):
    return client.get(url, secure=True)


def post(client, url, **data):
    return client.post(url, data, secure=True, follow=True)


def form_of(article, **changes):
    content = working_revision(article).content
    fields = {"base": working_revision(article).number, "do": "save"}
    fields |= {k: content[k] for k in ("title", "slug", "standfirst", "key_points", "body")}
    if content["topics"]:
        fields["main_topic"] = content["topics"][0]
    return fields | changes


def revision_of(article, **changes):
    return save_revision(article, working_revision(article).content | changes).revision


def test_a_preview_link_shows_exactly_one_revision_without_an_account(client):
    topic = make_topic("Later topic")
    article = make_article(title="Live")
    one = revision_of(article, title="First try", topics=[topic.pk])
    revision_of(article, title="Second try")
    page = get(client, preview_address(one))
    html = page.content.decode()
    assert "First try" in html and "Later topic" in html and "Second try" not in html
    assert page["X-Robots-Tag"] == "noindex" and "noindex" in html
    assert "no-store" in page["Cache-Control"] and page["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert "Live" in get(client, article.get_absolute_url()).content.decode()


def test_an_expired_altered_or_stolen_link_shows_nothing(client, monkeypatch):
    revision = revision_of(make_article(draft=True), title="Secret plan")
    address = preview_address(revision)
    for odd in (address[:-4] + "xyz/", "/preview/x/", "/preview/%00/", f"/preview/{'a' * 3000}/"):
        page = get(client, odd)
        assert page.status_code == 404 and "There is no preview here" in page.content.decode()
    for other_purpose in ("members.sign-in", "articles.preview2"):
        token = signing.dumps(revision.pk, salt=other_purpose)
        assert get(client, f"/preview/{token}/").status_code == 404
    week = timezone.now().timestamp() + timedelta(days=8).total_seconds()
    monkeypatch.setattr("django.core.signing.time.time", lambda: week)
    page = get(client, address)
    assert page.status_code == 410 and "This preview has expired" in page.content.decode()


def test_compare_shows_words_and_escapes_them(client, editor):
    article = make_article(body="The old <b>word</b> stays.\n")
    revision_of(article, body="The <script>alert(1)</script> word stays.\n", title="New")
    html = get(client, f"{desk('compare', article.pk)}?one=1&other=2").content.decode()
    assert "<ins>" in html and "<del>" in html and "&lt;" in html
    assert "<script>alert" not in html and "<b>word" not in html


@pytest.mark.parametrize("query", ["", "?one=1", "?one=x&other=2", "?one=1&other=99", "?one=-1"])
def test_comparing_what_is_not_there_is_a_404(client, editor, query):
    article = make_article()
    record_row(article)
    assert get(client, desk("compare", article.pk) + query).status_code == 404


@pytest.mark.parametrize("pk", ["0", "x", "999999", "9" * 30, "1/../2"])
def test_an_article_that_is_not_there_is_a_404(client, editor, pk):
    for name in ("change", "history", "compare", "withdraw", "delete"):
        assert get(client, f"/admin/articles/article/{pk}/{name}/").status_code in {302, 404}


def test_restoring_makes_a_new_revision_and_readers_see_no_change(client, editor):
    article = make_article(title="One")
    revision_of(article, title="Two")
    publish(article)
    asked = get(client, desk("restore", article.pk, 1))
    assert asked.status_code == 200 and article.revisions.count() == 2  # GET changes nothing
    page = post(client, desk("restore", article.pk, 1))
    assert "Revision 3 says again what 1 said." in page.content.decode()
    article.refresh_from_db()
    restored = working_revision(article)
    assert article.title == "Two" and restored.content["title"] == "One"
    assert restored.restored_from == 1 and restored.made_by == editor


def test_a_draft_may_lack_everything(client, editor):
    page = post(client, desk("add"), do="save")
    article = Article.objects.get()
    assert page.status_code == 200 and str(article) == "Untitled article"
    assert article.state == "draft" and article.slug.startswith("untitled-")
    page = post(client, desk("change", article.pk), **form_of(article, do="publish"))
    assert "Choose at least one topic." in page.content.decode()
    article.refresh_from_db()
    assert article.state == "draft"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("", "Choose the day and the time."),
        ("soon", "Choose the day and the time."),
        ("2020-01-01T09:00", "Choose a moment in the future"),
        ("9999-99-99T99:99", "Choose the day and the time."),
        ("0001-01-01T00:00", "Choose the day and the time."),
        ("2199-03-10T02:30", "Scheduled for March 10, 2199"),
    ],
)
def test_scheduling_answers_in_a_sentence_and_saves_the_words(client, editor, at, said):
    article = make_article(draft=True, topics=[make_topic("Living")])
    fields = form_of(article, do="schedule", at=at, body="New words.\n")
    html = post(client, desk("change", article.pk), **fields).content.decode()
    assert said in html and "New words." in html
    assert working_revision(article).content["body"].startswith("New words.")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "x" * 121}, "at most 120"),
        ({"slug": "no spaces"}, "Use small letters"),
        ({"body": "x" * 200_000}, "Shorten the text"),
        ({"body": "nul \x00"}, "Null characters"),
        ({"main_topic": "999"}, "Select a valid choice"),
        ({"slug": "taken"}, "Another article is at /articles/taken/"),
    ],
)
def test_a_mistake_keeps_every_word(client, editor, changes, said):
    make_article(slug="taken")
    article = make_article(draft=True)
    fields = form_of(article, key_points="My point") | changes
    page = post(client, desk("change", article.pk), **fields)
    html = page.content.decode()
    assert said in html and "There is a problem" in html and "<title>Error: " in html
    assert UnsavedWords.objects.get().fields["key_points"] == ["My point"]
    assert "My point" in get(client, desk("change", article.pk)).content.decode()


def test_an_address_that_leads_elsewhere_cannot_be_taken(client, editor):
    moved = make_article(slug="old-home")
    revision_of(moved, slug="new-home")
    publish(moved)
    article = make_article(draft=True)
    page = post(client, desk("change", article.pk), **form_of(article, slug="old-home"))
    assert "Another article is at /articles/old-home/" in page.content.decode()


def test_kept_words_belong_to_their_editor_alone(client, editor):
    article = make_article(draft=True)
    assert post(client, desk("keep", article.pk), title="Half").json()["kept"]
    assert post(client, desk("keep", article.pk), title="Half a \x00 title").status_code == 200
    assert UnsavedWords.objects.count() == 1
    post(client, desk("keep_new"), title="A new one")
    assert "Go on with “A new one”" in get(client, desk("add")).text
    assert 'value="A new one"' in client.get(f"{desk('add')}?key=", secure=True).text

    client.force_login(make_member(editor=True))
    assert "Half a" not in get(client, desk("change", article.pk)).content.decode()
    assert "A new one" not in get(client, desk("add")).content.decode()


def test_words_posted_after_the_session_ended_are_given_back(client):
    article = make_article(draft=True)
    for url in (desk("add"), desk("change", article.pk)):
        page = client.post(url, {"title": "Mine", "body": "An <b>hour</b>.\n"}, secure=True)
        html = page.content.decode()
        assert page.status_code == 403 and "An &lt;b&gt;hour&lt;/b&gt;." in html
        assert "no-store" in page["Cache-Control"]
        assert client.post(url, {}, secure=True)["Location"].startswith("/admin/login/")
    assert Article.objects.get().title == article.title


def test_every_new_article_keeps_its_own_words(client, editor):
    """As in two tabs: saving one leaves those of the other."""
    one, two = "a" * 32, "b" * 32
    for key, title in ((one, "The first"), (two, "The second"), (one, "The first, longer")):
        post(client, desk("keep_new"), title=title, key=key)
    post(client, desk("add"), title="The second", key=two)
    assert UnsavedWords.objects.get().fields["title"] == ["The first, longer"]
    html = get(client, desk("add")).text
    assert "Go on with “The first, longer”" in html and "The second" not in html
    post(client, desk("forget_new"), key=one)
    assert not UnsavedWords.objects.exists()
    for number in range(25):
        post(client, desk("keep_new"), title=f"{number}", key=f"{number:032x}")
    assert UnsavedWords.objects.count() == 20


def hidden(html, name):
    return re.search(rf'name="{name}" value="([^"]*)"', html)[1]


def test_two_tabs_of_one_article_keep_their_own_words(client, editor):
    article = make_article(draft=True)
    keep, change = desk("keep", article.pk), desk("change", article.pk)
    one, two = (hidden(get(client, change).text, "key") for _ in range(2))
    assert one != two
    post(client, keep, title="Typed in one", key=one)
    post(client, keep, title="Typed in two", key=two)
    post(client, keep, title="Typed in one, longer", key=one)
    kept = {words.key: words.fields["title"] for words in UnsavedWords.objects.all()}
    assert kept == {one: ["Typed in one, longer"], two: ["Typed in two"]}
    html = get(client, change).text
    assert 'value="Typed in one, longer"' in html and "Go on with “Typed in two”" in html
    html = client.get(f"{change}?key={two}", secure=True).text
    assert 'value="Typed in two"' in html and "Go on with “Typed in one, longer”" in html

    post(client, change, **form_of(article, title="Saved from one", key=one))
    assert UnsavedWords.objects.get().key == two
    html = get(client, change).text
    assert 'value="Saved from one"' in html and "Go on with “Typed in two”" in html


def test_a_tab_that_goes_on_with_kept_words_takes_them_over_unless_they_grew(client, editor):
    article = make_article(draft=True)
    keep, change = desk("keep", article.pk), desk("change", article.pk)
    post(client, keep, title="Half", key="a" * 32)
    html = get(client, change).text
    key, took = hidden(html, "key"), hidden(html, "took")
    assert key != "a" * 32 and took.endswith("a" * 32)
    post(client, keep, title="Half and more", key=key, took=took)
    assert UnsavedWords.objects.get().fields["title"] == ["Half and more"]
    # The first tab was not closed: it keeps on, and so do its words.
    post(client, keep, title="Half, said otherwise", key="a" * 32)
    post(client, keep, title="Half and more yet", key=key, took=took)
    post(client, change, **form_of(article, title="Whole", key=key, took=took))
    assert UnsavedWords.objects.get().fields["title"] == ["Half, said otherwise"]
    html = client.get(f"{change}?key={'a' * 32}", secure=True).text
    post(client, desk("forget", article.pk), key=hidden(html, "key"), took=hidden(html, "took"))
    assert not UnsavedWords.objects.exists()


@pytest.mark.parametrize(
    "took", ["x", "2026-01-01 " + "a" * 32, "2026-13-45T00:00:00Z \x00", "\ud800"]
)
def test_odd_places_to_have_taken_words_from_are_nothing(client, editor, took):
    article = make_article(draft=True)
    post(client, desk("keep", article.pk), title="Half", key="a" * 32)
    took = took.encode("utf-8", "surrogatepass")
    assert (
        post(client, desk("keep", article.pk), title="B", key="b" * 32, took=took).status_code
        == 200
    )
    assert UnsavedWords.objects.count() == 2


def test_words_sent_with_an_old_token_are_given_back(editor):
    """Without script, after signing in again in another tab."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    page = client.post(desk("add"), {"title": "Mine", "body": "An <b>hour</b>.\n"}, secure=True)
    assert page.status_code == 403 and "An &lt;b&gt;hour&lt;/b&gt;." in page.text
    assert "no-store" in page["Cache-Control"] and not Article.objects.exists()


def test_saving_forgets_the_kept_words(client, editor):
    article = make_article(draft=True)
    post(client, desk("keep", article.pk), title="Half")
    post(client, desk("change", article.pk), **form_of(article, title="Whole"))
    assert not UnsavedWords.objects.exists()
    assert Article.objects.get().title == "Whole"


def test_the_second_editor_is_told_who_is_there(client, editor):
    article = make_article()
    post(client, desk("here", article.pk))
    client.force_login(make_member(editor=True, display_name="Bea"))
    assert post(client, desk("here", article.pk)).json()["others"] == ["Ana"]
    assert "Ana has" in get(client, desk("change", article.pk)).content.decode()


def test_a_duplicate_is_a_draft_of_its_own(client, editor):
    article = make_article(
        title="Original", by=[make_contributor("Dana")], reviewed_on="2026-01-01", reviewed_by="X"
    )
    post(client, desk("duplicate", article.pk))
    copy = Article.objects.exclude(pk=article.pk).get()
    assert copy.title == "Original (copy)" and copy.state == "draft"
    assert copy.contributor_list == article.contributor_list and copy.reviewed_on is None


def test_what_is_used_is_not_deleted_and_says_where(client, editor):
    picture, in_text = make_picture("hero.png"), make_picture("inside.png")
    topic, writer = make_topic("Money"), make_contributor("Dana")
    live = make_article(title="Live one", hero=picture, hero_alt="A.", topics=[topic], by=[writer])
    coming = make_article(title="Coming one")
    revision_of(coming, body="![A shore.](picture:inside.png)\n")
    unused = make_topic("Unused")
    for model, thing, article in (
        ("picture", picture, live),
        ("picture", in_text, coming),
        ("topic", topic, live),
        ("contributor", writer, live),
    ):
        for name in ("used", "delete"):
            url = reverse(f"admin:articles_{model}_{name}", args=[thing.pk])
            assert article.title in get(client, url).content.decode(), (model, name)
        post(client, reverse(f"admin:articles_{model}_delete", args=[thing.pk]), post="yes")
        thing.refresh_from_db()
    post(client, reverse("admin:articles_topic_delete", args=[unused.pk]), post="yes")
    assert not type(unused).objects.filter(pk=unused.pk).exists()


def test_an_article_readers_have_seen_is_not_deleted(client, editor):
    for article in (make_article(), make_article(withdrawn=True)):
        assert post(client, desk("delete", article.pk), post="yes").status_code == 403
    draft = make_article(draft=True)
    revision_of(draft, title="With a history")
    assert post(client, desk("delete", draft.pk), post="yes").status_code == 200
    assert not Article.objects.filter(pk=draft.pk).exists()


def test_the_first_page_lists_what_waits(client, editor):
    today = timezone.localdate()
    make_article(title="Late", review_due=today - timedelta(days=3))
    make_article(title="Soon", review_due=today + timedelta(days=3))
    make_article(title="Tomorrow", scheduled=True)
    make_article(title="To read", draft=True, submitted_at=timezone.now())
    broken = make_article(title="Broken")
    SourceCheck.objects.create(
        article=broken,
        address="https://example.org/gone",
        checked_at=timezone.now(),
        problem="It answers with error 404.",
        failing_since=timezone.now(),
    )
    html = get(client, "/admin/").content.decode()
    for text in ("Check overdue", "Late", "Check due within 30 days", "Soon", "Scheduled"):
        assert text in html, text
    for text in ("Tomorrow", "Waiting for review", "To read", "no longer answer", "error 404"):
        assert text in html, text


def test_lists_and_history_stay_bounded(client, editor, django_assert_max_num_queries):
    """A thousand articles with ten revisions each."""
    articles = Article.objects.bulk_create(
        Article(
            title=f"Article {n}",
            slug=f"article-{n}",
            standfirst="S.",
            body="B.",
            published_at=timezone.now() - timedelta(hours=n),
        )
        for n in range(1000)
    )
    content = content_of(articles[0])
    Revision.objects.bulk_create(
        Revision(article=article, number=number, content=content)
        for article in articles
        for number in range(1, 11)
    )
    Revision.objects.bulk_create(
        Revision(article=articles[0], number=number, content=content) for number in range(11, 200)
    )
    for url, most in {
        desk("changelist"): 13,
        f"{desk('changelist')}?state=newer&q=article": 13,
        f"{desk('changelist')}?state=scheduled": 13,
        desk("history", articles[0].pk): 9,
        f"{desk('history', articles[0].pk)}?before=60": 9,
        "/admin/": 12,
        "/search/?q=article": 9,
        desk("change", articles[0].pk): 32,
    }.items():
        with django_assert_max_num_queries(most):
            assert get(client, url).status_code == 200, url


def test_an_import_is_a_revision_too(tmp_path):
    make_topic("Living")
    file = tmp_path / "article.md"
    header = "title: T\nslug: t\nstandfirst: S\ntopics:\n  - Living\npublished: 2026-01-01\n"
    text = f"---\n{header}---\nOne.\n"
    file.write_text(text)
    call_command("import_article", str(file))
    file.write_text(text.replace("One.", "Two."))
    call_command("import_article", str(file))
    call_command("import_article", str(file))
    article = Article.objects.get()
    bodies = [r.content["body"] for r in article.revisions.order_by("number")]
    assert bodies == ["One.\n", "Two.\n"] and article.live_revision.number == 2


@pytest.mark.parametrize("field", ["title", "standfirst", "key_points", "body"])
@pytest.mark.parametrize("control", ["\x0b", "\x0c", "\x08", "\x1f", "\ufffe"])
def test_control_characters_of_a_paste_reach_no_reader(client, editor, control, field):
    """Word and PDF bring them; a feed that holds one is no XML, for all readers."""
    article = make_article(draft=True, topics=[make_topic("Living")])
    fields = form_of(article, do="publish") | {field: f"Pasted{control}text.\n"}
    post(client, desk("change", article.pk), **fields)
    article.refresh_from_db()
    assert article.is_published and control not in getattr(article, field)
    assert "Pasted" in getattr(article, field)
    feed = get(client, "/feeds/articles.atom")
    assert feed.status_code == 200
    ElementTree.fromstring(feed.content)


def test_a_control_character_in_an_older_row_takes_no_feed_away(client):
    topic = make_topic("Mo\x0bney", slug="money")
    make_article(title="Old\x08er", topics=[topic], by=[make_contributor("Da\x0cna", slug="dana")])
    for address in ("/feeds/articles.atom", "/topics/money/feed.atom"):
        ElementTree.fromstring(get(client, address).content)


def test_names_of_writers_and_topics_are_kept_without_control_characters(client, editor):
    fields = {"name": "Da\x0cna", "slug": "dana", "kind": "staff", "tone": "teal", "bio": "A\x08b"}
    post(client, reverse("admin:articles_contributor_add"), **fields)
    contributor = Contributor.objects.get()
    assert (contributor.name, contributor.bio) == ("Dana", "Ab")


def test_only_fields_of_the_form_are_kept(client, editor):
    article = make_article(draft=True)
    posted = {"title": "Half", "a\x00b": "x", "x" * 500: "y", "writer_0": "", "csrf-other": "z"}
    assert post(client, desk("keep", article.pk), **posted).status_code == 200
    assert set(UnsavedWords.objects.get().fields) == {"title", "writer_0"}
    post(client, desk("keep", article.pk), **{f"field_{n}": "x" for n in range(400)})
    assert len(UnsavedWords.objects.get().fields) == 200


def test_what_was_read_is_what_is_published(client, editor, monkeypatch):
    """A colleague saves between the save and the publishing of one press."""
    article = make_article(draft=True, topics=[make_topic("Living")])
    say_saved = writing.say_saved

    def and_a_colleague_saves(request, saved):
        say_saved(request, saved)
        content = saved.revision.content | {"title": "Not read by anyone"}
        save_revision(Article.objects.get(pk=article.pk), content)

    monkeypatch.setattr(writing, "say_saved", and_a_colleague_saves)
    post(client, desk("change", article.pk), **form_of(article, title="Read", do="publish"))
    article.refresh_from_db()
    assert article.is_published and article.title == "Read"
    assert working_revision(article).content["title"] == "Not read by anyone"


def test_a_third_save_during_a_conflict_is_shown_and_not_passed_over(client, editor):
    article = make_article(title="Start")
    content = content_of(article)
    save_revision(article, content | {"title": "Bea"}, base=0)
    mine = save_revision(article, content | {"title": "Ana"}, base=0).revision
    asked = get(client, desk("conflict", article.pk, mine.number)).content.decode()
    assert 'name="seen" value="2"' in asked
    save_revision(article, content | {"title": "Bea again"}, base=2)
    page = post(client, desk("restore", article.pk, mine.number), seen="2")
    html = page.content.decode()
    assert "Someone saved again meanwhile." in html and "Bea again" in html
    assert working_revision(article).content["title"] == "Bea again"
    post(client, desk("restore", article.pk, mine.number), seen="4")
    assert working_revision(article).content["title"] == "Ana"


def test_revisions_of_another_article_are_not_found(client, editor):
    mine, other = make_article(), make_article(title="The other")
    for number in range(5):
        revision_of(other, title=f"The other, {number}")
    record_row(mine)
    for name in ("restore", "preview_page", "conflict"):
        assert get(client, desk(name, mine.pk, 5)).status_code == 404, name
    assert get(client, f"{desk('compare', mine.pk)}?one=1&other=5").status_code == 404
    assert post(client, desk("restore", mine.pk, 5)).status_code == 404


def test_what_readers_do_not_see_is_kept_by_no_machine(client, editor):
    draft = make_article(draft=True)
    revision = revision_of(draft, title="Newer")
    pages = [draft.get_absolute_url(), preview_address(revision), desk("change", draft.pk)]
    pages += [desk("preview_page", draft.pk, revision.number), desk("token")]
    for address in pages:
        page = get(client, address)
        assert page.status_code == 200, address
        assert {"private", "no-store"} <= set(page["Cache-Control"].split(", ")), address


def test_presence_lapses_after_a_minute(client, editor):
    article = make_article()
    post(client, desk("here", article.pk))
    Presence.objects.update(seen_at=timezone.now() - timedelta(seconds=59))

    client.force_login(make_member(editor=True))
    assert others_in(client, article) == ["Ana"]
    Presence.objects.filter(editor=editor).update(seen_at=timezone.now() - timedelta(seconds=61))
    assert others_in(client, article) == []


def others_in(client, article):
    return post(client, desk("here", article.pk)).json()["others"]


def test_deleting_a_draft_is_written_down(client, editor):
    for way in ("one", "many"):
        draft = make_article(draft=True, title=f"Gone, {way}")
        revision_of(draft, title=f"Gone, {way}!")
        if way == "one":
            post(client, desk("delete", draft.pk), post="yes")
        else:
            chosen = {"action": "delete_selected", "_selected_action": [draft.pk], "post": "yes"}
            post(client, desk("changelist"), **chosen)
        entry = AuditEntry.objects.first()
        assert (entry.deed, entry.by, entry.detail) == ("deleted", editor, "2 revisions")
        assert entry.title == f"Gone, {way}!"


def test_going_back_is_written_down(client, editor):
    article = make_article(title="One")
    revision_of(article, title="Two")
    post(client, desk("restore", article.pk, 1))
    entry = AuditEntry.objects.get(deed="restored")
    assert entry.by == editor and entry.detail == "Revision 1, as revision 3"


def test_the_first_page_shows_what_comes_next_first(client, editor):
    for days in range(20, 0, -1):
        at = timezone.now() + timedelta(days=days)
        make_article(title=f"In {days} days", published_at=at)
    html = get(client, "/admin/").content.decode()
    assert "In 1 days" in html and "In 8 days" in html and "In 9 days" not in html


def test_where_used_looks_at_scheduled_words_too(client, editor):
    picture = make_picture("shore.png")
    article = make_article(title="Scheduled one")
    revision_of(article, body="![A shore.](picture:shore.png)\n")
    schedule(article, timezone.now() + timedelta(days=1))
    revision_of(article, body="Without it.\n")
    url = reverse("admin:articles_picture_used", args=[picture.pk])
    assert "Scheduled one" in get(client, url).content.decode()


def test_a_picture_that_articles_name_keeps_its_name(client, editor):
    picture, free = make_picture("shore.png"), make_picture("free.png")
    article = make_article(title="Shows it", body="![A shore.](picture:shore.png)\n")
    for one in (picture, free):
        url = reverse("admin:articles_picture_change", args=[one.pk])
        post(client, url, name=f"new-{one.name}", alt="A shore.", credit="")
        one.refresh_from_db()
    assert (picture.name, free.name) == ("shore.png", "new-free.png")
    assert picture.alt == "A shore."  # the rest may change
    withdraw(article, "x")
    bring_back(article)
    revision_of(article, title="Again")
    publish(article)
    article.refresh_from_db()
    assert "<img" in article.body_html


def test_a_replaced_picture_is_shown_before_its_sizes_are_made(
    client, django_capture_on_commit_callbacks
):
    picture = make_picture("shore.png")
    article = make_article(body="![A shore.](picture:shore.png)\n")
    former = picture.image.name
    with django_capture_on_commit_callbacks(execute=True):
        keep_picture(picture, clean_picture(picture_bytes(color=(1, 2, 3))))
    article.refresh_from_db()
    assert not picture.image.storage.exists(former)
    assert former not in article.body_html and picture.image.url in article.body_html


@pytest.mark.parametrize(
    "mark",
    [
        *("![](picture:s.png)", "![\n](picture:s.png)", "![**](picture:s.png)"),
        *("![&nbsp;](picture:s.png)", "![`](picture:s.png)", "![](<picture:s.png>)"),
        *("![IMG_2041.jpg](<picture:s.png>)", "![what it\nshows](picture:s.png)"),
    ],
)
def test_no_way_of_writing_a_picture_goes_without_its_text(mark):
    make_picture("s.png")
    article = make_article(draft=True, body=f"{mark}\n")
    if "<img" in article.body_html:
        assert any("picture shows" in sentence for sentence in missing(article)), article.body_html


def test_a_decorative_picture_is_not_spoken(client):
    article = make_article(
        hero=make_picture(), hero_alt="A woman on a pier.", hero_is_decorative=True
    )
    html = get(client, article.get_absolute_url()).content.decode()
    figure = html[html.index("<figure") : html.index("</figure>")]
    assert 'alt=""' in figure and "A woman on a pier." not in figure


def test_the_map_of_the_site_does_not_tell_who_is_about_to_speak(client):
    make_article(by=[make_contributor("Heard", slug="heard")])
    make_article(draft=True, by=[make_contributor("Not yet", slug="not-yet")])
    xml = client.get("/sitemap.xml", secure=True, headers={"host": "testserver"}).content.decode()
    assert "/contributors/heard/" in xml and "/contributors/not-yet/" not in xml


def test_one_form_sent_twice_makes_one_article_and_loses_no_word(client, editor):
    key = "0123456789abcdef" * 2
    post(client, desk("add"), do="save", title="Once", key=key)
    post(client, desk("add"), do="save", title="Once", key=key)
    post(client, desk("add"), do="save", title="Once, and more", key=key)  # Back, and Save again
    article = Article.objects.get()
    assert [r.content["title"] for r in article.revisions.order_by("number")] == [
        *("Once", "Once, and more")
    ]
    # The key of a colleague's form opens nothing.

    client.force_login(make_member(editor=True))
    post(client, desk("add"), do="save", title="Hers", key=key)
    assert article.revisions.count() == 2


def test_each_opened_form_has_a_key_of_its_own(client, editor):
    keys = {re.search(r'name="key" value="(\w+)"', html)[1] for html in two_new_forms(client)}
    assert len(keys) == 2


def two_new_forms(client):
    return [get(client, desk("add")).content.decode() for _ in range(2)]


def test_an_address_follows_the_title_until_readers_see_it(client, editor):
    topic = make_topic("Living")
    post(client, desk("add"), do="save", body="Words first.\n")
    article = Article.objects.get()
    assert article.slug.startswith("untitled-")
    post(client, desk("change", article.pk), **form_of(article, title="Rest is good"))
    article.refresh_from_db()
    assert article.slug == "rest-is-good"
    fields = form_of(article, title="Rest is better", main_topic=topic.pk, standfirst="S.")
    post(client, desk("change", article.pk), **fields | {"do": "publish"})
    article.refresh_from_db()
    assert article.is_published and article.slug == "rest-is-better"
    post(client, desk("change", article.pk), **form_of(article, title="Another", do="publish"))
    article.refresh_from_db()
    assert article.title == "Another" and article.slug == "rest-is-better"


def test_an_address_someone_chose_stays_with_its_draft(client, editor):
    article = make_article(draft=True, title="One", slug="chosen")
    post(client, desk("change", article.pk), **form_of(article, title="Two"))
    article.refresh_from_db()
    assert article.slug == "chosen"


def test_an_editor_finds_articles_by_their_text_and_by_their_writer(client, editor):
    dana = make_contributor("Dana Okafor")
    make_article(draft=True, title="The first", body="A pebble.\n", by=[dana])
    make_article(title="The second")
    for query in ("q=pebbles", "q=Okafor", f"contributors__id__exact={dana.pk}"):
        html = client.get(f"{desk('changelist')}?{query}", secure=True).text
        assert "The first" in html and "The second" not in html, query
    page = client.get(f"{desk('changelist')}?q=%00%27%3A*%26", secure=True)
    assert page.status_code == 200
    assert "None yet" in client.get(desk("changelist"), secure=True).text


def test_the_list_says_who_saved_last_and_when(client, editor):
    article = make_article(title="Old one")
    Article.objects.update(saved_at=timezone.now() - timedelta(days=40))
    other = make_article(title="Another")
    revision_of(other)
    save_revision(article, content_of(article) | {"title": "Newer"}, by=editor)
    saved = article.revisions.get(number=2)
    withdraw(other, "It was wrong.")
    html = get(client, desk("changelist")).content.decode()
    assert f"{in_words(saved.made_at)}, Ana" in html
    assert html.index("Old one") < html.index("Another")  # what was worked on comes first


def test_a_moment_that_was_refused_is_still_in_its_field(client, editor):
    article = make_article(draft=True)
    fields = form_of(article, do="schedule", at="2020-01-01T09:00")
    html = post(client, desk("change", article.pk), **fields).content.decode()
    assert 'value="2020-01-01T09:00"' in html and "New York time" in html


def test_a_conflict_says_that_nothing_was_published(client, editor):
    article = make_article(title="Start")
    save_revision(article, content_of(article) | {"title": "Bea"}, base=0)
    fields = form_of(article, title="Ana", base=0, do="publish")
    html = post(client, desk("change", article.pk), **fields).content.decode()
    assert "Two people saved this article" in html and "Nothing was sent on" in html


def test_a_contributor_may_submit_at_the_first_press(client):
    client.force_login(make_member(writer=True))
    assert "Save and submit for review" in get(client, desk("add")).content.decode()
    html = post(client, desk("add"), do="submit", title="Mine").content.decode()
    assert "Submitted. An editor will read it." in html
    assert Article.objects.get().state == "in review"

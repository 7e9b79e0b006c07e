"""The desk through its doors: previews, history, kept words, where things are used."""

from datetime import timedelta

import pytest
from django.core import signing
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Revision, SourceCheck, UnsavedWords
from articles.preview_links import preview_address
from articles.publishing import publish
from articles.revisions import content_of, record_row, save_revision, working_revision
from tests.factories import make_article, make_contributor, make_member, make_picture, make_topic

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
    assert 'value="A new one"' in get(client, desk("add")).content.decode()
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
        desk("changelist"): 12,
        f"{desk('changelist')}?state=newer&q=article": 12,
        f"{desk('changelist')}?state=scheduled": 12,
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

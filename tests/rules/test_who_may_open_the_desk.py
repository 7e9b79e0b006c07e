"""Every address of the admin, found in the resolver: nobody without the right gets past it."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, reverse

from articles.models import Article, AuditEntry, Picture, Revision
from articles.revisions import content_of, record_row, save_revision
from tests.factories import (
    make_article,
    make_contributor,
    make_member,
    make_picture,
    make_topic,
    picture_bytes,
)

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
# What every member of staff may do: see the empty desk, sign out, change her own password.
FOR_ALL_STAFF = {"index", "login", "logout", "password_change", "password_change_done", "jsi18n"}
OF_ONE_ROW = ("_history", "_change", "_delete", "_used")
TAKES = {"object_id": "1", "number": "1", "app_label": "articles", "url": "articles/"}


def names_in(patterns, prefix=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names_in(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name, pattern.pattern.converters


def addresses(pk):
    """Every named address of the admin, with an article's number wherever one is asked for."""
    found = {}
    for name, converters in names_in(admin.site.urls[0]):
        takes = {key: TAKES.get(key, "1") for key in converters}
        if "object_id" in takes:
            takes["object_id"] = str(pk)
        if name == "app_list":
            takes = {"app_label": "articles"}
        if name == "view_on_site":
            takes = {"content_type_id": "1", "object_id": "1"}
        found[name] = reverse(f"admin:{name}", kwargs=takes)
    return found


@pytest.fixture
def article(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    article = make_article(topics=[make_topic("Living")], by=[make_contributor()])
    record_row(article)
    make_picture()
    return article


def test_the_list_of_addresses_is_complete(article):
    found = addresses(article.pk)
    assert len(found) > 70
    assert {"articles_article_preview_page", "articles_article_compare"} <= found.keys()


@pytest.mark.parametrize("method", METHODS)
def test_staff_without_rights_are_let_in_nowhere(client, article, method):
    before = (Article.objects.values().get(), Revision.objects.count(), AuditEntry.objects.count())
    client.force_login(make_member(staff=True))
    let_in = {
        name: answer.status_code
        for name, address in addresses(article.pk).items()
        if name not in FOR_ALL_STAFF and name != "articles_article_token"
        # Django answers which methods there are, and nothing else.
        if (name, method) != ("autocomplete", "options")
        for answer in [getattr(client, method)(address, secure=True)]
        if answer.status_code not in {403, 404, 405}
        # Django's own pages of a row that is not there lead back to the first page.
        and not (
            name.endswith(OF_ONE_ROW) and answer.headers.get("Location") == reverse("admin:index")
        )
    }
    assert let_in == {}
    assert before == (
        *(Article.objects.values().get(), Revision.objects.count()),
        AuditEntry.objects.count(),
    )


@pytest.mark.parametrize("method", METHODS)
def test_readers_are_sent_to_sign_in(client, article, method):
    for name, address in addresses(article.pk).items():
        if name in FOR_ALL_STAFF:
            continue
        answer = getattr(client, method)(address, secure=True)
        assert answer.status_code in {302, 403, 404, 405}, name
        if answer.status_code == 302:
            assert "/admin/login/" in answer["Location"], name


# The deeds that change what readers see.
PUBLISHING = ("cancel", "withdraw", "undo_withdrawal", "send_back", "delete")


def test_a_contributor_gets_no_further_than_her_own_words(client, article):
    """Whatever she sends, to her own article or another's, readers see no change."""
    writer = make_member(writer=True)
    contributor = make_contributor("Wren", member=writer)
    own = make_article(by=[contributor], topics=[make_topic("Money")], title="Hers")
    record_row(own)
    client.force_login(writer)
    rows = list(Article.objects.order_by("pk").values())
    for one in (article, own):
        for name, address in addresses(one.pk).items():
            if name in FOR_ALL_STAFF:
                continue
            for deed in ("publish", "schedule"):
                client.post(
                    address,
                    {
                        "do": deed,
                        "at": "2199-01-01T09:00",
                        "reason": "Because.",
                        "title": "Crafted",
                        "slug": "crafted",
                        "published_at": "2020-01-01",
                        "action": "publish_now",
                        "_selected_action": [one.pk],
                        "base": "1",
                    },
                    secure=True,
                )
    changed = ("submitted_at", "submitted_by_id", "saved_at")
    after = list(Article.objects.filter(pk__in=[r["id"] for r in rows]).order_by("pk").values())
    for old, new in zip(rows, after, strict=True):
        assert {k: v for k, v in old.items() if k not in changed} == {
            k: v for k, v in new.items() if k not in changed
        }
    # What she duplicated is a draft of her own.
    for copy in Article.objects.exclude(pk__in=[row["id"] for row in rows]):
        assert copy.state in {"draft", "in review"} and copy.created_by == writer
    for name in PUBLISHING:
        address = reverse(f"admin:articles_article_{name}", args=[own.pk])
        assert client.post(address, {"reason": "x"}, secure=True).status_code == 403, name
    for name in ("change", "history", "keep", "here", "duplicate", "compare"):
        address = reverse(f"admin:articles_article_{name}", args=[article.pk])
        assert client.post(address, secure=True).status_code in {403, 404}, name
        assert client.get(address, secure=True).status_code in {403, 404, 405}, name


def test_a_contributor_sees_only_her_own_in_the_list(client, article):
    writer = make_member(writer=True)
    own = make_article(draft=True, title="Hers alone", created_by=writer)
    client.force_login(writer)
    page = client.get(reverse("admin:articles_article_changelist"), secure=True)
    html = page.content.decode()
    assert own.title in html and article.title not in html
    assert client.get(reverse("admin:articles_article_add"), secure=True).status_code == 200
    for name in ("articles_topic_changelist", "articles_auditentry_changelist"):
        assert client.get(reverse(f"admin:{name}"), secure=True).status_code == 403


def test_an_editor_who_may_not_publish_is_refused_and_her_words_are_not_lost(client, article):
    editor = make_member(staff=True)
    editor.user_permissions.set(
        Permission.objects.filter(
            content_type__app_label="articles",
            codename__in=["view_article", "change_article", "add_article"],
        )
    )
    client.force_login(editor)
    address = reverse("admin:articles_article_change", args=[article.pk])
    page = client.get(address, secure=True).content.decode()
    assert "Save and publish" not in page and "To readers" not in page
    answer = client.post(address, {"do": "publish", "title": "Mine"}, secure=True)
    assert answer.status_code == 403
    saved = client.post(address, {"do": "save", "title": "Mine", "base": "1"}, secure=True)
    assert saved.status_code == 302
    article.refresh_from_db()
    assert article.title != "Mine" and Revision.objects.working(article).content["title"] == "Mine"


def test_the_log_cannot_be_edited_by_anyone(admin_client, article):
    AuditEntry.objects.create(article=article, title="x", deed="published")
    entry = AuditEntry.objects.get()
    for name in ("add", "change", "delete"):
        args = [] if name == "add" else [entry.pk]
        address = reverse(f"admin:articles_auditentry_{name}", args=args)
        assert admin_client.post(address, {"title": "y"}, secure=True).status_code == 403


def test_staff_who_may_only_look_read_and_change_nothing(client, article):
    reader = make_member(staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename="view_article"))
    client.force_login(reader)
    rows = (Article.objects.values().get(), Revision.objects.count(), AuditEntry.objects.count())
    readable = {"change": "", "history": "", "compare": "?one=1&other=1"}
    for name, query in readable.items():
        address = reverse(f"admin:articles_article_{name}", args=[article.pk])
        page = client.get(address + query, secure=True)
        assert page.status_code == 200, name
        assert article.title in page.content.decode() or name == "compare"
        html = page.content.decode()
        assert "/restore/" not in html and 'name="do"' not in html
    preview = reverse("admin:articles_article_preview_page", args=[article.pk, 1])
    assert client.get(preview, secure=True).status_code == 200
    names = ("change", "keep", "here", "duplicate", "withdraw", "cancel", "send_back", "delete")
    for name in names:
        address = reverse(f"admin:articles_article_{name}", args=[article.pk])
        for data in ({"do": "save", "title": "Mine"}, {"do": "publish"}, {"reason": "x"}):
            assert client.post(address, data, secure=True).status_code in {403, 404}, name
    restore = reverse("admin:articles_article_restore", args=[article.pk, 1])
    assert client.post(restore, secure=True).status_code == 404
    assert rows == (
        *(Article.objects.values().get(), Revision.objects.count()),
        AuditEntry.objects.count(),
    )


def test_a_contributor_cannot_claim_a_review_or_take_an_address(client, article):
    writer = make_member(writer=True)
    own = make_article(draft=True, created_by=writer, title="Hers", slug="hers")
    client.force_login(writer)
    address = reverse("admin:articles_article_change", args=[own.pk])
    crafted = {
        "do": "save",
        "title": "Changed",
        "slug": "crafted",
        "reviewed_on": "2026-01-01",
        "reviewed_by": "A doctor",
        "review_due": "2030-01-01",
        "is_demonstration": "on",
        "related": [article.pk],
        "writer_0": article.contributor_list[0].pk,
    }
    before = Revision.objects.working(own)
    assert before is None
    client.post(address, crafted, secure=True)
    content = Revision.objects.working(own).content
    assert content["title"] == "Changed" and content["slug"] in {"hers", "changed"}
    assert (content["reviewed_on"], content["reviewed_by"], content["review_due"]) == (
        *(None, ""),
        None,
    )
    assert not content["is_demonstration"] and content["related"] == []
    assert content["contributors"] == []


@pytest.mark.parametrize("action", ["publish_now", "withdraw_now", "delete_selected"])
def test_a_contributor_gets_nothing_from_actions_on_many(client, article, action):
    """Her draft is complete and a live article of hers has newer words: both could be published."""
    writer = make_member(writer=True)
    by = [make_contributor("Wren", member=writer)]
    draft, live = make_article(draft=True, by=by), make_article(by=by, title="Live")
    for own in (draft, live):
        save_revision(own, content_of(own) | {"body": "Newer words.\n"})
    client.force_login(writer)
    address = reverse("admin:articles_article_changelist")
    chosen = {"action": action, "_selected_action": [draft.pk, live.pk], "post": "yes"}
    client.post(address, chosen, secure=True)
    draft.refresh_from_db()
    live.refresh_from_db()
    assert draft.published_at is None and live.is_published and live.body != "Newer words.\n"


def test_checking_sources_and_copying_need_their_rights(client, article):
    nobody, looks = make_member(staff=True), make_member(staff=True)
    looks.user_permissions.set(Permission.objects.filter(codename="view_article"))
    changes = make_member(staff=True)
    changes.user_permissions.set(
        Permission.objects.filter(codename__in=["view_article", "change_article"])
    )
    check = reverse("admin:articles_article_check_sources")
    copy = reverse("admin:articles_article_duplicate", args=[article.pk])
    for member, address in ((nobody, check), (looks, check), (changes, copy)):
        client.force_login(member)
        assert client.post(address, secure=True).status_code == 403
    assert Article.objects.count() == 1


def test_pictures_a_contributor_brings_are_hers_and_no_other_contributor_sees_them(client, article):
    writer, other = make_member(writer=True), make_member(writer=True)
    upload = reverse("admin:articles_picture_upload")
    listed = reverse("admin:articles_article_pictures")

    def names():
        return {p["name"] for p in client.get(listed, secure=True).json()["pictures"]}

    client.force_login(writer)
    file = SimpleUploadedFile("mine.png", picture_bytes(color=(9, 9, 9)))
    sent = client.post(upload, {"image": file, "alt": "My window."}, secure=True)
    assert sent.status_code == 200
    mine = Picture.objects.get(name="mine.png")
    assert (mine.uploaded_by, mine.alt) == (writer, "My window.")
    library = Picture.objects.exclude(pk=mine.pk).get()
    assert names() == {"mine.png", library.name}

    change = {p: reverse("admin:articles_picture_change", args=[p.pk]) for p in (mine, library)}
    fields = {"name": "mine.png", "alt": "My window at night.", "credit": ""}
    assert client.post(change[mine], fields, secure=True).status_code == 302
    assert client.post(change[library], fields, secure=True).status_code == 403

    client.force_login(other)
    assert names() == {library.name}
    assert client.get(change[mine], secure=True).status_code in {302, 403, 404}
    assert client.post(change[mine], fields, secure=True).status_code in {302, 403, 404}
    hers = make_article(draft=True, created_by=other)
    address = reverse("admin:articles_article_change", args=[hers.pk])
    client.post(address, {"do": "save", "hero": mine.pk, "base": "0"}, secure=True)
    client.post(address, {"do": "save", "hero": library.pk, "title": "T"}, secure=True)
    assert [r.content["hero"] for r in hers.revisions.exclude(number=1)] == [library.pk]

    client.force_login(make_member(editor=True))
    assert names() == {"mine.png", library.name}
    # Once readers see it, it is an editor's to change.
    make_article(hero=mine, hero_alt="A window.")
    client.force_login(writer)
    for name in ("change", "delete"):
        address = reverse(f"admin:articles_picture_{name}", args=[mine.pk])
        assert client.post(address, fields | {"post": "yes"}, secure=True).status_code == 403
    mine.refresh_from_db()
    assert mine.alt == "My window at night."

"""Every address of the admin, found in the resolver: nobody without the right gets past it."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import URLPattern, URLResolver, reverse

from articles.models import Article, AuditEntry, Revision
from articles.revisions import record_row
from tests.factories import make_article, make_contributor, make_member, make_picture, make_topic

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
# What every member of staff may do: see the empty desk, sign out, change her own password.
FOR_ALL_STAFF = {"index", "login", "logout", "password_change", "password_change_done", "jsi18n"}
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
        # Django's own history of a row that is not there leads back to the first page.
        and answer.headers.get("Location") != reverse("admin:index")
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
    for name in ("articles_picture_changelist", "articles_auditentry_changelist"):
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

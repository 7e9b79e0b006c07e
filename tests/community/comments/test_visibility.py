"""Nobody but its writer can get a text that is not visible, by any address."""

import pytest
from django.db import connection
from django.urls import reverse

from community.comments import threads
from community.comments.models import Comment
from community.comments.moderation import set_state
from tests.community.comments.factories import make_comment, take_down
from tests.factories import make_article, make_member

pytestmark = pytest.mark.django_db
STATES = Comment.State.values
SECRET = "zebra"


def page_texts(article, member):
    page = threads.page_of_threads(article.pk, member)
    return {row.id for thread in page.threads for row in thread.rows if row.html is not None}


@pytest.mark.parametrize("reader", ["guest", "writer", "another member"])
def test_the_page_and_visible_to_agree_for_every_state_and_reader(reader):
    writer, article = make_member(), make_article()
    root = make_comment(on=article)
    for state in STATES:
        make_comment(f"as a thread {state}", by=writer, on=article, state=state)
        make_comment(f"as a reply {state}", by=writer, to=root, state=state)
    member = {"guest": None, "writer": writer, "another member": make_member()}[reader]
    visible = set(Comment.objects.visible_to(member).values_list("pk", flat=True))
    assert page_texts(article, member) == visible
    assert {c.pk for c in Comment.objects.all() if c.is_visible_to(member)} == visible
    assert {c.pk for c in Comment.objects.all() if text_of_one(c, member)} == visible
    assert len(visible) == (5 if reader == "writer" else 3)


def text_of_one(comment, member):
    row = threads.one(comment.pk, member)
    return row is not None and row.html is not None


@pytest.mark.parametrize("state", [state for state in STATES if state != "visible"])
@pytest.mark.parametrize("signed_in", [False, True])
def test_no_address_gives_away_words_that_are_not_visible(client, state, signed_in):
    article = make_article()
    comment = make_comment(f"before {SECRET}", on=article)
    from community.comments import writing

    writing.edit(comment, source=f"after {SECRET}")
    reply = make_comment("A reply.", to=comment)
    if state == "removed":
        take_down(comment)
    else:
        set_state(comment, state)
    if signed_in:
        client.force_login(make_member())
    pk = comment.pk
    addresses = [
        article.get_absolute_url(),
        f"{article.get_absolute_url()}?reply={pk}",
        f"{article.get_absolute_url()}?comment={pk}",
        reverse("comments:conversation", args=[article.slug]),
        *(f"/comments/{pk}/{verb}/" for verb in ("", "thread", "reply", "edit", "delete", "undo")),
        f"/comments/{reply.pk}/",
        "/talk/",
        "/",
        reverse("comments:mine"),
        reverse("comments:drafts"),
        reverse("comments:notices"),
    ]
    for address in addresses:
        for headers in ({}, {"HX-Request": "true"}):
            page = client.get(address.replace("//", "/"), secure=True, headers=headers)
            assert SECRET not in page.content.decode(), address
            assert page.status_code in {200, 302, 404}, address


def test_a_held_comment_is_seen_by_its_writer_with_the_note_and_leaves_no_place(client):
    writer = make_member()
    comment = make_comment("Mine alone.", by=writer, state="held")
    address = comment.article.get_absolute_url()
    assert f'id="c{comment.pk}"' not in client.get(address, secure=True).content.decode()
    client.force_login(writer)
    page = client.get(address, secure=True).content.decode()
    assert "Only you can see this until a moderator has read it" in page and "Mine alone" in page


@pytest.mark.parametrize("state", STATES)
def test_what_waits_or_is_hidden_keeps_its_place_only_where_somebody_answered(state):
    article = make_article()
    bare, answered, late = (make_comment(on=article) for _ in range(3))
    make_comment("An answer.", to=answered)
    for comment in (bare, answered, late):
        take_down(comment) if state == "removed" else set_state(comment, state)
    make_comment("It was on its way.", to=late)
    leaves_none = {bare.pk} if state in {"held", "hidden"} else set()

    def shown():
        page = threads.page_of_threads(article.pk)
        return {thread.id for thread in page.threads}

    assert shown() == {bare.pk, answered.pk, late.pk} - leaves_none
    assert {c.pk for c in Comment.objects.filter(has_place=False)} == leaves_none
    bare.refresh_from_db()
    set_state(bare, "visible")
    assert shown() == {bare.pk, answered.pk, late.pk}


def test_the_order_is_kept_between_what_all_see_and_what_one_waits_for():
    writer, article = make_member(), make_article()
    roots = [
        make_comment(f"{n}", by=writer, on=article, state=s)
        for n, s in enumerate(("visible", "held") * 3)
    ]
    replies = [
        make_comment(f"{n}", by=writer, to=roots[0], state=s)
        for n, s in enumerate(("held", "visible", "held", "hidden", "visible"))
    ]
    page = threads.page_of_threads(article.pk, writer)
    assert [thread.id for thread in page.threads] == [c.pk for c in reversed(roots)]
    mine = [c.pk for c in (roots[0], *replies) if c.state != "hidden"]
    assert [row.id for row in page.threads[-1].rows] == mine
    thread, _ = threads.page_of_thread(roots[0], writer)
    assert [row.id for row in thread.rows] == mine
    oldest = threads.page_of_threads(article.pk, writer, oldest_first=True)
    assert [t.id for t in oldest.threads] == [c.pk for c in roots]
    assert len(threads.page_of_threads(article.pk, make_member()).threads) == 3


def plan_of(sql, values):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        waiting, nodes = [cursor.fetchone()[0][0]["Plan"]], []
        while waiting:
            nodes.append(waiting.pop())
            waiting += nodes[-1].get("Plans", [])
    return nodes


@pytest.mark.parametrize("own", [False, True])
def test_a_page_walks_past_nothing_that_nobody_sees(own):
    """A wave of three thousand that was hidden at once, as threads and as replies to one; and
    as much was said elsewhere since."""
    writer, article, elsewhere = make_member(), make_article(), make_article()
    root = make_comment(on=article)
    wave = [
        Comment(article=article, author=writer, source="x", state="hidden", parent=parent,
                parent_path=[parent.pk] if parent else [])
        for parent in (root, None)
        for _ in range(3000)
    ]  # fmt: skip
    Comment.objects.bulk_create(wave)
    newest = make_comment(on=article)
    Comment.objects.bulk_create(
        [Comment(article=elsewhere, author=writer, source="x") for _ in range(6000)]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comments_comment")
    values = {
        "article": article.pk, "me": writer.pk if own else None, "start": threads.LAST_ID,
        "rows": 201, "of_a_thread": 51,
    }  # fmt: skip
    thread = values | {"thread": root.pk, "start": [root.pk]}
    for sql, said in ((threads.page_sql(own=own), values), (threads.thread_sql(own=own), thread)):
        of_comments = [
            n for n in plan_of(sql, said) if n.get("Relation Name") == "comments_comment"
        ]
        assert of_comments
        assert sum(n.get("Rows Removed by Filter", 0) for n in of_comments) == 0, of_comments
        assert max(n["Actual Rows"] for n in of_comments) < 10, of_comments
    shown = threads.page_of_threads(article.pk, writer if own else None).threads
    assert [t.id for t in shown] == [newest.pk, root.pk]


def test_a_place_stays_with_the_words_of_who_took_it_down(client):
    article = make_article()
    removed = make_comment("Buy this.", on=article, state="removed")
    make_comment("Something gone.", on=article, state="deleted")
    make_comment("A reply stays.", to=removed)
    page = client.get(article.get_absolute_url(), secure=True).content.decode()
    assert 'because it broke <a href="/rules/#rule-2">rule 2</a>' in page
    assert "The writer deleted this comment." in page
    assert "A reply stays." in page and "Buy this" not in page


def test_comments_under_a_withdrawn_or_unpublished_article_are_not_there(client):
    for article in (make_article(withdrawn=True), make_article(scheduled=True)):
        comment = make_comment(on=article)
        assert client.get(comment.get_absolute_url(), secure=True).status_code == 404
        assert client.get(f"/comments/{comment.pk}/thread/", secure=True).status_code == 404


def test_a_guest_page_is_the_same_for_everyone_and_holds_no_token(client):
    article = make_article()
    make_comment("One.", on=article)
    url = article.get_absolute_url()
    first = client.get(url, secure=True)
    assert first.content == client.get(url, secure=True).content
    assert b"csrfmiddlewaretoken" not in first.content and b"form_id" not in first.content
    assert not first.cookies and "Cookie" not in first.headers.get("Vary", "")


HELD = "a zebra and a quagga at https://example.org"
UNSAID = "quagga"  # a page of results says the word that was searched for


def test_words_that_wait_by_the_rules_are_nowhere_but_with_their_writer(client):
    """Held by the rules for new members, not by a moderator; asked first as the writer, so that
    nothing she was shown is kept for others."""
    article, writer = make_article(), make_member(display_name="Wren")
    comment = make_comment(HELD, by=writer, on=article, content_note="quagga", state=None)
    assert comment.state == "held"
    addresses = [
        article.get_absolute_url(),
        f"{article.get_absolute_url()}?comment={comment.pk}",
        reverse("comments:conversation", args=[article.slug]),
        f"/comments/{comment.pk}/",
        f"/comments/{comment.pk}/thread/",
        f"/comments/{comment.pk}/report/",
        f"/comments/{comment.pk}/reply/",
        writer.get_absolute_url(),
        f"{writer.get_absolute_url()}report/",
        "/", "/talk/", "/articles/", "/search/?q=zebra", "/sitemap.xml",
        "/feeds/articles.atom", "/feeds/articles.json",
    ]  # fmt: skip
    client.force_login(writer)
    shown = [a for a in addresses if UNSAID in client.get(a, secure=True).content.decode()]
    assert article.get_absolute_url() in shown
    for reader in (None, make_member(), make_member(editor=True)):
        client.logout()
        if reader:
            client.force_login(reader)
        for address in addresses:
            page = client.get(address, secure=True)
            assert page.status_code in {200, 302, 404}, address
            assert UNSAID not in page.content.decode(), address


def test_words_that_wait_are_in_their_writers_export_and_in_nobody_elses():
    from community.members import personal_data

    writer, reader = make_member(), make_member()
    parent = make_comment("Hello.", by=reader)
    make_comment(HELD, by=writer, to=parent, state=None)

    def told(member):
        return str([list(function(member)) for function in personal_data.exports().values()])

    assert SECRET in told(writer) and SECRET not in told(reader)

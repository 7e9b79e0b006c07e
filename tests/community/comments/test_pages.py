"""What stands on a page of the conversation, in which order, and how one gets to a comment."""

import re

import pytest
from django.urls import reverse

from community.comments import following, notices, reacting, threads, visits
from community.comments.models import Comment, Notice, NoticeSettings, Reaction
from community.comments.writing import post
from tests.community.comments.factories import make_comment, rules_in_force
from tests.factories import make_article, make_member

pytestmark = pytest.mark.django_db


def html_of(client, address, **headers):
    page = client.get(address, secure=True, headers=headers)
    assert page.status_code == 200, address
    return page.content.decode()


def ids_on(html):
    return [int(found) for found in re.findall(r'id="c(\d+)"', html)]


def many(article, count, *, to=None, by=None):
    by = by or make_member()
    return [
        Comment.objects.create(
            article=article,
            author=by,
            parent=to,
            parent_path=to.path if to else [],
            source=f"Words {n}",
            html=f"<p>Words {n}</p>",
            rules=rules_in_force(),
        )
        for n in range(count)
    ]


def test_newest_threads_stand_first_and_the_oldest_first_inside(client):
    article = make_article()
    first, second = make_comment(on=article), make_comment(on=article)
    a = make_comment("a", to=first)
    b = make_comment("b", to=first)
    under_a = make_comment("under a", to=a)
    assert ids_on(html_of(client, article.get_absolute_url())) == [
        second.pk, first.pk, a.pk, under_a.pk, b.pk,
    ]  # fmt: skip
    url = reverse("comments:conversation", args=[article.slug])
    assert ids_on(html_of(client, f"{url}?order=oldest"))[0] == first.pk


def test_the_third_level_is_flat_and_says_whom_it_answers(client):
    root = make_comment(by=make_member(display_name="Ana"))
    child = make_comment("child", to=root, by=make_member(display_name="Jo <P>"))
    deep = make_comment("deep", to=child)
    html = html_of(client, root.article.get_absolute_url())
    assert f'In reply to <a href="#c{child.pk}">Jo &lt;P&gt;</a>' in html
    assert html.count('<ol class="replies">') == 1
    label = re.search(rf'id="c{deep.pk}-by">(.*?)</p>', html)[1]
    assert "Level 3 reply by" in label


def test_more_than_three_replies_fold_and_open_for_a_permalink_and_a_reply(client):
    root = make_comment()
    replies = many(root.article, 6, to=root)
    url = root.article.get_absolute_url()
    folded = '<details class="open-more"><summary>Show 4 more replies'
    assert folded in html_of(client, url)
    permalink = client.get(f"/comments/{replies[-1].pk}/", secure=True)["Location"]
    assert permalink == f"{url}?comment={replies[-1].pk}#c{replies[-1].pk}"
    assert '<details class="open-more" open>' in html_of(client, permalink.split("#")[0])
    assert '<details class="open-more" open>' in html_of(client, f"{url}?reply={replies[-1].pk}")
    assert folded in html_of(client, f"{url}?comment={replies[0].pk}")


def test_pages_hold_whole_threads_and_together_hold_every_comment_once(client):
    article = make_article()
    for n in range(90):
        root = many(article, 1)[0]
        many(article, n % 6, to=root)
    seen, address, pages = [], reverse("comments:conversation", args=[article.slug]), 0
    while address:
        html = html_of(client, address)
        seen += ids_on(html)
        more = re.search(r'href="([^"]+)#talk"[^>]*hx-get', html)
        address = more and more[1].replace("&amp;", "&")
        pages += 1
        assert len(ids_on(html)) <= threads.MOST_ON_PAGE
    assert len(seen) == len(set(seen)) == Comment.objects.count() and pages == 2


def test_a_permalink_lands_on_page_four_with_the_branch_open(client):
    article = make_article()
    root = many(article, 1)[0]
    target = many(article, 8, to=root)[5]
    many(article, 3 * threads.MOST_ON_PAGE)
    place = client.get(f"/comments/{target.pk}/", secure=True)["Location"]
    html = html_of(client, place.split("#")[0])
    assert f'id="c{target.pk}"' in html and '<details class="open-more" open>' in html
    assert len(ids_on(html)) == 9


def test_a_long_thread_links_to_its_own_page_and_a_permalink_leads_into_it(client):
    article = make_article()
    root = make_comment(on=article)
    replies = many(article, 300, to=root)
    newest = make_comment(on=article)
    html = html_of(client, article.get_absolute_url())
    assert f"/comments/{root.pk}/thread/" in html
    assert len(ids_on(html)) == threads.MOST_OF_A_THREAD + 1 and ids_on(html)[0] == newest.pk
    place = client.get(f"/comments/{replies[250].pk}/", secure=True)["Location"]
    assert place.startswith(f"/comments/{root.pk}/thread/?from=")
    assert replies[250].pk in ids_on(html_of(client, place.split("#")[0]))
    whole = ids_on(html_of(client, f"/comments/{root.pk}/thread/"))
    assert len(whole) == threads.MOST_ON_PAGE


def test_the_work_is_the_same_for_a_few_comments_and_for_many(
    client, settings, django_assert_max_num_queries
):
    settings.READER_CACHE = False  # a kept page asks once more, for the clock
    article = make_article(by=[])
    rules_in_force()
    html_of(client, article.get_absolute_url())
    for count in (0, 30, 400):
        many(article, count)
        with django_assert_max_num_queries(3):
            html_of(client, reverse("comments:conversation", args=[article.slug]))
        with django_assert_max_num_queries(8):
            html_of(client, article.get_absolute_url())
    with django_assert_max_num_queries(2):
        html_of(client, "/talk/")
    with django_assert_max_num_queries(5):
        client.get(f"/comments/{Comment.objects.first().pk}/", secure=True)


def test_the_reply_form_opens_without_a_script_and_by_htmx(client):
    comment = make_comment(by=make_member(display_name="Ana"))
    address = f"{comment.article.get_absolute_url()}?reply={comment.pk}"
    html = html_of(client, address)
    assert f'id="reply-{comment.pk}"' in html and "Your reply to Ana" in html
    part = html_of(client, f"/comments/{comment.pk}/reply/", **{"HX-Request": "true"})
    assert part.startswith('<div class="comment-acts">') and "data-focus" in part


def test_htmx_answers_a_reply_with_its_thread_and_says_so(client):
    comment = make_comment()
    client.force_login(make_member(trusted=True))
    answer = client.post(
        f"/comments/{comment.pk}/reply/",
        {"text": "A reply.", "rules": rules_in_force().pk},
        secure=True,
        headers={"HX-Request": "true"},
    )
    assert answer["HX-Retarget"] == f"#t{comment.pk}" and "data-focus" in answer.content.decode()
    assert "Your comment is posted" in answer["HX-Trigger"]


def test_new_comments_are_marked_until_the_next_visit_and_own_ones_never(client):
    member = make_member()
    old = make_comment()
    client.force_login(member)
    url = old.article.get_absolute_url()
    assert "Jump to what is new" not in html_of(client, url)
    seen = reverse("comments:seen", args=[old.article.slug])
    client.post(seen, {"up_to": old.pk}, secure=True)
    new = make_comment(on=old.article)
    make_comment(on=old.article, by=member)
    html = html_of(client, url)
    assert html.count('<strong class="new">') == 1 and f'href="#c{new.pk}">Jump' in html
    client.post(seen, {"up_to": new.pk + 1}, secure=True)
    assert '<strong class="new">' in html_of(client, url), "the marks stay while one visit lasts"
    from community.comments.models import LastVisit
    from tests.community.comments.factories import minutes_ago

    LastVisit.objects.update(at=minutes_ago(60))
    assert '<strong class="new">' not in html_of(client, url)
    assert visits.new_after(member, old.article) == new.pk + 1


def test_reading_alone_changes_nothing(client):
    comment = make_comment()
    client.force_login(make_member())
    html_of(client, comment.article.get_absolute_url())
    for address in ("/account/notices/", "/account/drafts/", "/account/comments/"):
        html_of(client, address)
    from community.comments.models import Draft, LastVisit

    assert not LastVisit.objects.exists() and not Draft.objects.exists()


def test_kindness_is_counted_for_the_writer_alone(client):
    writer, reader = make_member(), make_member()
    comment = make_comment(by=writer)
    client.force_login(reader)
    address = f"/comments/{comment.pk}/reaction/"
    client.post(address, {"kind": "here"}, secure=True)
    assert Reaction.objects.count() == 1
    html = html_of(client, comment.article.get_absolute_url())
    assert 'value="here" aria-pressed="true"' in html and "1 said" not in html
    client.force_login(writer)
    html = html_of(client, comment.article.get_absolute_url())
    assert "Only you see this: 1 said “I’m here too”." in html
    assert not reacting.press(comment, writer, Reaction.Kind.THANKS)
    client.force_login(reader)
    client.post(address, {"kind": "here"}, secure=True)
    assert not Reaction.objects.exists()
    assert client.post(address, {"kind": "angry"}, secure=True).status_code == 404


def test_a_reply_is_told_on_the_site_and_mailed_only_where_chosen(mailoutbox, client):
    writer, follower, other = make_member(), make_member(), make_member(display_name="Jo P")
    root = make_comment(by=writer)
    following.follow(follower, thread_id=root.pk)
    reply = make_comment("A reply.", to=root, by=other)
    assert notices.tell_about(reply.pk) == 2 and notices.tell_about(reply.pk) == 0
    assert set(Notice.objects.values_list("member", "kind")) == {
        (writer.pk, "reply"), (follower.pk, "thread"),
    }  # fmt: skip
    notices.send_due()
    assert mailoutbox == []
    NoticeSettings.objects.create(
        member=writer, mail=NoticeSettings.Mail.AT_ONCE, quiet_from=0, quiet_to=0
    )
    assert notices.send_due() == 1 and notices.send_due() == 0
    mail = mailoutbox[0]
    assert "A reply." not in mail.body and "cancer" not in (mail.subject + mail.body).lower()
    client.force_login(writer)
    assert "Jo P replied to you" in html_of(client, "/account/notices/")


def test_a_thread_is_muted_from_the_mail_with_one_button_without_signing_in(client, mailoutbox):
    writer = make_member()
    root = make_comment(by=writer)
    reply = make_comment("A reply.", to=root)
    notices.tell_about(reply.pk)
    token = notices.mute_token(writer.pk, Notice.objects.get())
    address = f"/notices/mute/{token}/"
    assert "Stop mail about this conversation" in html_of(client, address)
    notices.tell_about(make_comment("Another.", to=root).pk)
    assert Notice.objects.count() == 2, "looking at the link mutes nothing"
    client.post(address, secure=True)
    notices.tell_about(make_comment("A third.", to=root).pk)
    assert Notice.objects.count() == 2
    client.post(address, {"undo": "1"}, secure=True)
    notices.tell_about(make_comment("A fourth.", to=root).pk)
    assert Notice.objects.count() == 3
    assert client.get(address[:-3] + "xx/", secure=True).status_code == 404


def test_no_notice_goes_to_somebody_who_has_died_and_none_about_hidden_words():
    from django.utils import timezone

    writer = make_member(remembered_at=timezone.now())
    root = make_comment(by=writer)
    assert notices.tell_about(make_comment("To her.", to=root).pk) == 0
    held = make_comment("Held.", to=make_comment(), state="held")
    assert notices.tell_about(held.pk) == 0


def test_quiet_hours_are_those_of_the_member():
    from datetime import UTC, datetime

    choice = NoticeSettings(time_zone="America/New_York", quiet_from=20, quiet_to=8)
    assert notices.is_quiet(choice, datetime(2026, 11, 23, 3, 0, tzinfo=UTC))  # 10 pm there
    assert not notices.is_quiet(choice, datetime(2026, 11, 23, 17, 0, tzinfo=UTC))


def test_talk_lists_articles_by_their_latest_visible_words(client):
    first, second = make_comment("First."), make_comment("Second.")
    html = html_of(client, "/talk/")
    assert html.index("Second.") < html.index("First.")
    post(
        author=make_member(trusted=True), article=first.article, parent=first, source="Newest.",
        rules=rules_in_force(),
    )  # fmt: skip
    html = html_of(client, "/talk/")
    assert html.index("Newest.") < html.index("Second.") and "First." not in html
    from community.comments.moderation import set_state

    set_state(Comment.objects.latest("pk"), "hidden")
    html = html_of(client, "/talk/")
    assert "Newest." not in html and html.index("Second.") < html.index("First.")
    set_state(second, "hidden")
    assert "Second." not in html_of(client, "/talk/")


def test_a_member_who_died_gets_a_line_once_a_thread_and_no_here_too(client):
    from django.utils import timezone

    ruth = make_member(display_name="Ruth", remembered_at=timezone.now())
    root = make_comment(by=ruth)
    make_comment("Again.", to=root, by=ruth)
    client.force_login(make_member())
    html = html_of(client, root.article.get_absolute_url())
    assert html.count("Ruth died") == 1 and 'value="here"' not in html
    part = html_of(client, f"/comments/{root.pk}/reply/", **{"HX-Request": "true"})
    assert "Ruth has died and will not read this" in part


def test_my_comments_and_a_profile_list_what_was_said_by_key(client):
    from django.template import Context, Template
    from django.test import RequestFactory

    writer = make_member()
    many(make_article(), 25, by=writer)
    make_comment("Held words.", by=writer, state="held")
    client.force_login(writer)
    html = html_of(client, "/account/comments/")
    older = re.search(r'href="(\?before=\d+)"', html)[1]
    assert "Held words." in html and "Words 0<" not in html
    assert "Words 0<" in html_of(client, f"/account/comments/{older}")
    profile = Template("{% load comments %}{% comments_of member %}")
    html = profile.render(Context({"member": writer, "request": RequestFactory().get("/")}))
    assert "Words 24" in html and "Held words." not in html

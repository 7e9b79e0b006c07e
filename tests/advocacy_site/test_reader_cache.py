"""The finished page for readers without a session: never wrong, never anybody's own."""

import itertools
import random
import statistics
import threading
import time
import zlib
from datetime import timedelta
from io import BytesIO, StringIO

import brotli
import pytest
from django.conf import settings as site_settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, models
from django.db.models import F, Sum
from django.test import Client
from django.utils import timezone

from advocacy_site import hearing, watched_tables
from advocacy_site.hearing import Hearing, connect_as_django
from advocacy_site.reader_cache import ReaderCache, cache, finished_page, making, remembering
from articles.models import Article
from community.comments.models import Comment, Conversation, ConversationSwitch, Draft
from polls.models import Poll, Tally
from tests.community.comments.factories import make_comment
from tests.factories import fill_ballots, make_article, make_member, make_policy_version, make_poll

pytestmark = pytest.mark.django_db(transaction=True)
HOST = "testserver"


@pytest.fixture
def reading(settings, monkeypatch):
    """A site behind the cache, its ear open."""
    settings.READER_CACHE = True
    ears = Hearing(connect_as_django)
    monkeypatch.setattr(hearing, "ours", ears)
    remembering._remembered.clear()
    site = Site()
    ears.start()
    wait_until(ears.is_whole)
    yield site
    ears.stop()


class Site:
    tokens = itertools.count()

    def __init__(self):
        self.handler, self.made = WSGIHandler(), []
        self.cache = ReaderCache(self.make)

    def make(self, environ, start_response):
        self.made.append(environ["PATH_INFO"])
        return self.handler(environ, start_response)

    def get(self, path, **headers):
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "",
            "SERVER_NAME": HOST, "SERVER_PORT": "443", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": HOST, "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "https",
            "wsgi.input": BytesIO(), "wsgi.errors": None, "wsgi.version": (1, 0),
            "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
        } | headers  # fmt: skip
        answer = making.Answer()
        response = self.cache(environ, answer.start)
        body = b"".join(response)
        making.close(response)
        return int(answer.status.split()[0]), dict(answer.headers), body

    def text(self, path, **headers) -> str:
        return self.get(path, **headers)[2].decode()

    def hear_all(self):
        """Wait until everything committed so far has been heard, for notices arrive in order,
        and until no page is young enough to be shown all the same."""
        token = f"test:{next(self.tokens)}"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [watched_tables.CHANNEL, token])
        wait_until(lambda: token in hearing.ours.changed)
        time.sleep(finished_page.BREATH_SECONDS + 0.01)

    def seconds_until(self, path, is_there) -> float:
        """How long readers went without it, asking without a pause."""
        began = time.monotonic()
        while not is_there(self.text(path)):
            assert time.monotonic() - began < 30, "it never came"
        return time.monotonic() - began


def wait_until(is_so, seconds=30):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_page_is_made_once_and_then_costs_no_query(reading, django_assert_num_queries):
    article = make_article()
    reading.hear_all()
    first = reading.get(article.get_absolute_url())
    with django_assert_num_queries(0):
        again = reading.get(article.get_absolute_url())
    assert first == again and reading.made == [article.get_absolute_url()]


@pytest.mark.parametrize("accepted", ["br", "gzip", ""])
def test_every_encoding_can_be_the_first_that_is_asked_for(reading, accepted):
    path = make_article().get_absolute_url()
    unpack = {"br": brotli.decompress, "gzip": lambda b: zlib.decompress(b, 31), "": bytes}
    reading.hear_all()
    reading.get(path, HTTP_ACCEPT_ENCODING=accepted)
    found = set()
    for encoding, unpacked in unpack.items():
        _, headers, body = reading.get(path, HTTP_ACCEPT_ENCODING=encoding)
        assert headers.get("Content-Encoding", "") == encoding
        found.add(unpacked(body))
    assert len(found) == 1 and len(reading.made) == 1


def test_the_first_reader_after_a_comment_costs_one_query(reading, django_assert_num_queries):
    article = make_article()
    make_policy_version("rules")
    path, writer = article.get_absolute_url(), make_member()
    make_comment("The first.", on=article, by=writer)
    reading.hear_all()
    reading.get(path)
    make_comment("A new pebble.", on=article, by=writer)
    reading.hear_all()
    with django_assert_num_queries(1):
        html = reading.text(path)
    assert "A new pebble." in html


def test_kept_pages_say_the_same_as_those_made_anew(reading, client):
    make_policy_version()
    for path in (make_article().get_absolute_url(), "/rules/", "/", "/articles/"):
        kept = reading.get(path), reading.get(path)
        anew = client.get(path, secure=True)
        assert kept[0][0] == anew.status_code == 200
        own = {"ETag", "Content-Length", "Vary"}
        assert {k: v for k, v in kept[1][1].items() if k not in own} == {
            k: v for k, v in anew.headers.items() if k not in own
        }


def test_a_page_known_already_is_not_sent_again(reading):
    path = make_article().get_absolute_url()
    _, headers, body = reading.get(path, HTTP_ACCEPT_ENCODING="gzip, br")
    assert headers["Content-Encoding"] == "br" and headers["Vary"] == "Accept-Encoding"
    assert headers["Cache-Control"] == "public, no-cache" and len(body) > 1000
    status, headers, body = reading.get(
        path, HTTP_ACCEPT_ENCODING="gzip, br", HTTP_IF_NONE_MATCH=headers["ETag"]
    )
    assert (status, body) == (304, b"") and headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in reading.get(path, HTTP_ACCEPT_ENCODING="br;q=0, gzip;q=0")[1]


def deeds():
    """What people do, where it shows, and how to see that it does."""
    make_policy_version("rules", body="1. ### Be kind\n")
    make_policy_version("email-consent", body="Mail me.")
    article, other = make_article(title="Before"), make_article(title="Other words")
    draft = make_article(draft=True, title="Late news")
    here = Article.objects.filter(pk=article.pk)
    page, home = article.get_absolute_url(), "/"
    comment = make_comment("The first.", on=article)
    poll, closed = make_poll(slug="tea"), make_poll(slug="old", closed=True)
    fill_ballots(closed, 20, 20)
    polls, now = Poll.objects.filter(pk=poll.pk), timezone.now

    def rename():
        comment.author.display_name = "Marisol the Second"
        comment.author.save()

    def count_again():
        first = Tally.objects.filter(poll=closed).order_by("part").values("part")[:1]
        Tally.objects.filter(poll=closed, part=first).update(voters=F("voters") + 7)

    def take_back():
        Article.objects.filter(pk=other.pk).update(published_at=None)

    def close_here():
        Conversation.objects.filter(article=article).update(comments_close_at=now())

    def close_all():
        ConversationSwitch.objects.create(closed_at=now(), sentence="All shut.")

    return [
        (page, lambda: here.update(title="After"), has("After")),
        (home, lambda: publish(draft), has("Late news")),
        (page, lambda: make_comment("A new voice.", on=article), has("A new voice")),
        ("/talk/", lambda: make_comment(on=other), has("Other words")),
        (page, rename, has("Marisol the Second")),
        (page, lambda: Comment.objects.update(state="hidden"), has_no("A new voice")),
        (page, close_here, has("closed on")),
        (page, close_all, has("All shut.")),
        ("/rules/", lambda: make_policy_version("rules", body="Be kinder."), has("Be kinder")),
        (page, lambda: make_policy_version("email-consent", body="Do write."), has("Do write.")),
        (poll.get_absolute_url(), lambda: polls.update(closes_at=now()), has_no('value="skip"')),
        (closed.get_absolute_url(), count_again, has(f"{voters_of(closed) + 7} votes")),
        (home, lambda: polls.update(closes_at=None, featured_from=now()), has('id="poll-tea"')),
        (
            "/articles/",
            lambda: Article.objects.filter(pk=other.pk).update(published_at=None),
            has_no("Other words"),
        ),
    ]


def voters_of(poll) -> int:
    return Tally.objects.filter(poll=poll).aggregate(all=Sum("voters"))["all"]


def publish(article):
    Article.objects.filter(pk=article.pk).update(published_at=timezone.now())


def has(words):
    return lambda text: words in text


def has_no(words):
    return lambda text: words not in text


def test_what_is_committed_is_on_the_next_page(reading):
    found = []
    for path, deed, shows in deeds():
        assert not shows(reading.text(path)), (path, deed)
        time.sleep(0.06)  # older than the breath a page may take
        assert not shows(reading.text(path)) and not shows(reading.text(path)), (path, deed)
        deed()
        found.append(reading.seconds_until(path, shows))
    # Loosely here, where the machine is shared; make bench measures it.
    assert max(found) < 2, found
    print(f"\nmedian {1000 * statistics.median(found):.1f} ms, most {1000 * max(found):.1f} ms")


def test_the_clock_alone_changes_a_page(reading):
    soon = timezone.now() + timedelta(seconds=10)
    article = make_article(title="By the clock", published_at=soon)
    goes = make_article(title="Goes by the clock")
    Article.objects.filter(pk=goes.pk).update(withdraw_at=soon, withdrawal_reason="It was wrong.")
    poll = make_poll("Tea", "Coffee", slug="tea", closes_at=soon)
    make_policy_version("rules", body="1. ### Be kind\n")
    make_policy_version("rules", body="1. ### Be kinder\n", published_at=soon)
    talks = make_article()
    Conversation.objects.update_or_create(article=talks, defaults={"comments_close_at": soon})
    pages = [
        ("/", lambda text: "By the clock" in text),
        (article.get_absolute_url(), lambda text: "By the clock" in text),
        ("/articles/", lambda text: "Goes by the clock" not in text),
        (poll.get_absolute_url(), lambda text: 'value="skip"' not in text),
        ("/rules/", lambda text: "Be kinder" in text),
        (talks.get_absolute_url(), lambda text: "closed on" in text),
    ]
    assert not any(shows(reading.text(path)) for path, shows in pages)
    assert not any(shows(reading.text(path)) for path, shows in pages)
    time.sleep(max(0, (soon - timezone.now()).total_seconds()) + 0.01)
    assert all(shows(reading.text(path)) for path, shows in pages), [
        path for path, shows in pages if not shows(reading.text(path))
    ]


def test_a_comment_elsewhere_leaves_a_page_alone(reading):
    here, elsewhere, writer = make_article(), make_article(), make_member()
    make_policy_version("rules")
    reading.hear_all()
    reading.get(here.get_absolute_url())
    make_comment(on=elsewhere, by=writer)
    reading.hear_all()
    reading.get(here.get_absolute_url())
    assert len(reading.made) == 1


def test_what_is_rolled_back_was_never_said(reading):
    from django.db import transaction

    article = make_article()
    reading.hear_all()
    reading.get(article.get_absolute_url())
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Article.objects.update(title="Never")
        1 / 0  # noqa: B018
    reading.hear_all()
    reading.get(article.get_absolute_url())
    assert len(reading.made) == 1


def test_a_page_that_expires_under_load_is_made_once(reading):
    article = make_article()
    path = article.get_absolute_url()
    reading.get(path)
    Article.objects.update(title="After")
    reading.hear_all()
    together, texts = threading.Barrier(16), []

    def ask():
        together.wait()
        texts.append(reading.text(path))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(16)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(texts) == 16 and all("After" in text for text in texts)
    assert len(reading.made) == 2  # the first of all, and one for sixteen


def test_without_its_channel_the_cache_is_not_believed(reading):
    ears = hearing.ours
    article = make_article(title="Before")
    path = article.get_absolute_url()
    reading.get(path)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE articles_article DISABLE TRIGGER USER")
        try:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'reader pages' AND datname = current_database()"
            )
            wait_until(lambda: not ears.is_whole())
            Article.objects.update(title="After")
            assert "After" in reading.text(path), "believed although nobody listens"
            Article.objects.update(title="Later")
            assert "Later" in reading.text(path)
        finally:
            cursor.execute("ALTER TABLE articles_article ENABLE TRIGGER USER")
    wait_until(ears.is_whole)
    made = len(reading.made)
    assert "Later" in reading.text(path) and "Later" in reading.text(path)
    assert len(reading.made) == made + 1


def test_a_channel_that_falls_silent_is_not_believed(reading, monkeypatch):
    ears = hearing.ours
    monkeypatch.setattr(ears, "hear", lambda message: None)
    wait_until(lambda: not ears.is_whole(), 4)


@pytest.mark.parametrize(
    "own",
    [
        {"HTTP_COOKIE": f"{site_settings.SESSION_COOKIE_NAME}=x"},
        {"HTTP_COOKIE": f"a=b; {site_settings.READING_COOKIE_NAME}=t2-dark"},
        {"HTTP_COOKIE": f"a=b; {site_settings.VOTE_COOKIE_NAME}=x:y"},
        {"HTTP_AUTHORIZATION": "Basic eDp5"},
        {"HTTP_HX_REQUEST": "true"},
        {"QUERY_STRING": "order=oldest"},
        {"REQUEST_METHOD": "POST"},
    ],
)
def test_who_may_get_something_of_their_own_is_not_answered_from_it(reading, own):
    path = make_article().get_absolute_url()
    reading.get(path)
    reading.get(path, **own)
    assert len(reading.made) == 2


def test_the_page_is_made_for_nobody(reading):
    path = make_article().get_absolute_url()
    seen = []
    make = reading.cache.app
    reading.cache.app = lambda environ, start: seen.append(environ) or make(environ, start)
    reading.get(path, HTTP_COOKIE="a=me", HTTP_USER_AGENT="me", HTTP_REFERER="me")
    assert {name for name in seen[0] if name.startswith("HTTP_")} == {"HTTP_HOST"}
    assert seen[0]["REMOTE_ADDR"] == "127.0.0.1"


class Person:
    """A member whose every private word holds ``mark``, with the cookies of a browser that has
    written before, and the addresses at which something of their own is to be seen."""

    def __init__(self, number, **fields):
        self.mark = f"MARK-{number}-"
        self.member = make_member(display_name=f"{self.mark} name", **fields)
        client = Client()
        client.force_login(self.member)
        session = client.cookies[site_settings.SESSION_COOKIE_NAME].value
        self.cookies = (
            f"{site_settings.SESSION_COOKIE_NAME}={session};"
            f" {site_settings.CSRF_COOKIE_NAME}={'c' * 32}"
        )
        self.own = {"/account/drafts/"}

    def writes(self, words, article):
        at = article.get_absolute_url()
        self.own |= {at, f"{at}conversation/"}
        return make_comment(f"{self.mark} {words}", on=article, by=self.member, state="held")


def open_articles():
    """With a box to write in, a poll and the form for letters with its consent words."""
    make_policy_version("rules", body="1. ### Be kind\n")
    make_policy_version("email-consent", body="Mail me.")
    make_poll("Tea", "Coffee", slug="tea", featured=True)
    return [make_article(title=f"Open {n}") for n in range(3)]


def test_a_thousand_visits_of_members_and_guests_mix_nothing(reading):
    """Drafts, previews, held comments, names, form tokens: members see their own at every visit
    and nobody else's; no guest and no kept page ever shows any."""
    chance = random.Random(7)
    articles = open_articles()
    hidden = make_article(draft=True, title="MARK-4- draft of an editor").get_absolute_url()
    people = [Person(n, editor=n == 4) for n in range(5)]
    first = articles[0].get_absolute_url()
    with_forms = [a.get_absolute_url() for a in articles]
    with_forms.append(f"{first}conversation/")
    people[4].own.add(hidden)
    for person in people:
        Draft.objects.create(
            member=person.member, article=articles[0], source=f"{person.mark} draft"
        )
        person.own |= {first, f"{first}conversation/"}
    paths = [*with_forms, hidden, "/", "/talk/", "/articles/", "/polls/tea/"]
    paths += ["/account/drafts/", "/account/notices/"]
    guests = members = 0
    for n in range(1000):
        path, deed = chance.choice(paths), chance.random()
        if deed < 0.04:
            chance.choice(people[:4]).writes(f"held {n}", chance.choice(articles))
        elif deed < 0.07:
            Article.objects.filter(pk=chance.choice(articles).pk).update(title=f"Open {n}")
        if chance.random() < 0.5:
            members += 1
            person = chance.choice(people)
            text = reading.text(path, HTTP_COOKIE=person.cookies)
            theirs = text.replace(person.mark, "")
            assert "MARK-" not in theirs, (n, path, "another's words")
            assert path not in person.own or theirs != text, (n, path, "own words are missing")
            assert path not in with_forms or "csrf" in text.lower(), (n, path, "no token")
        else:
            guests += 1
            text = reading.text(path)
            assert "MARK-" not in text and "csrf" not in text.lower(), (n, path)
    assert guests > 400 and members > 400
    kept = [page.raw() for page in reading.cache.pages.values()]
    assert len(kept) >= 8
    assert not any(b"MARK-" in body or b"csrf" in body.lower() for body in kept)


@pytest.mark.parametrize(
    "headers",
    [
        [("Cache-Control", "private, no-cache")],
        [("Cache-Control", "public, no-store")],
        [("Set-Cookie", "a=b")],
        [("Vary", "Cookie")],
        [("Vary", "Accept-Encoding"), ("Vary", "Cookie"), ("Vary", "Accept-Encoding")],
        [("Vary", "Accept-Language")],
        [("Content-Security-Policy", "script-src 'nonce-x'")],
        [("Content-Security-Policy-Report-Only", "script-src 'nonce-x'")],
        [("Content-Encoding", "gzip")],
    ],
)
def test_an_answer_that_is_for_one_reader_or_once_is_not_kept(headers):
    answer = making.Answer()
    common = [("Cache-Control", "public, no-cache"), ("Vary", "Accept-Encoding")]
    answer.start("200 OK", common)
    assert making.keepable_headers(answer) == common[:1]
    answer.start("200 OK", [*common, *headers])
    assert making.keepable_headers(answer) is None


@pytest.mark.parametrize("status", ["301 Moved", "404 Not Found", "410 Gone", "503 Away"])
def test_only_a_page_that_is_there_is_kept(status):
    answer = making.Answer()
    answer.start(status, [("Cache-Control", "public, no-cache")])
    assert making.keepable_headers(answer) is None


def test_what_a_proxy_says_of_a_person_does_not_come_along():
    about = making.for_nobody(
        {"PATH_INFO": "/", "REMOTE_USER": "me", "SSL_CLIENT_S_DN": "me", "HTTP_COOKIE": "me",
         "CONTENT_TYPE": "me", "CONTENT_LENGTH": "2", "REMOTE_ADDR": "192.0.2.1"}
    )  # fmt: skip
    assert "me" not in about.values() and "2" not in about.values()
    assert about["REMOTE_ADDR"] == "127.0.0.1"


def test_nothing_is_remembered_of_a_page_made_for_one_reader(reading):
    """While the channel is not whole, each page is made with what its reader's browser sent."""
    remembering._remembered.clear()
    reading.cache = reading.handler
    assert [reading.get(path)[0] for path in (make_article().get_absolute_url(), "/")] == [200, 200]
    assert not {key for key in remembering._remembered if key[0] in {"article", "home"}}


def test_the_memory_it_takes_is_bounded(reading, monkeypatch):
    monkeypatch.setattr(cache, "MOST_BYTES", 60_000)
    for _ in range(12):
        reading.get(make_article().get_absolute_url())
    assert reading.cache.bytes <= 60_000 and 1 < len(reading.cache.pages) < 12


def test_switched_off_every_page_is_made_anew(reading, settings):
    settings.READER_CACHE = False
    path = make_article().get_absolute_url()
    assert reading.get(path)[0] == reading.get(path)[0] == 200 and len(reading.made) == 2


# Moments that no reader's page compares with the clock, each for a reason.
NOT_BY_THE_CLOCK = {
    "articles_article": "updated_at live_at submitted_at created_at saved_at",  # shown or staff's
    "articles_picture": "uploaded_at renditions_made_at",
    "articles_formerslug": "changed_at",
    "comments_comment": "state_at created_at edited_at",  # time to edit: for members only
    "comments_conversation": "latest_at",
    "polls_poll": "created_at",
    "members_member": "last_login joined_at trusted_at suspended_until remembered_at"
    " mail_paused_at closes_at",
    "newsletter_issue": "scheduled_for started_at finished_at resumed_at created_at",
}


def test_every_moment_of_a_watched_table_is_known_to_the_clock_or_excused():
    from django.apps import apps

    for model in apps.get_models(include_auto_created=True):
        watched = watched_tables.tables.get(model._meta.db_table)
        if watched is None:
            continue
        moments = {f.column for f in model._meta.concrete_fields
                   if isinstance(f, models.DateTimeField)}  # fmt: skip
        known = {moment.split(" ")[0] for moment in watched.clock}
        excused = set(NOT_BY_THE_CLOCK.get(watched.table, "").split())
        assert moments == known | excused, watched.table


COPY_IN = "COPY articles_topic (name, slug, description, tone, position) FROM STDIN"
COPIED = StringIO("Scans\tscans\t\tteal\t9\n")


def test_a_table_changed_by_hand_is_heard_too(reading):
    article = make_article()
    path = article.get_absolute_url()
    reading.get(path)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE articles_byline")
    reading.hear_all()
    reading.get(path)
    with connection.cursor() as cursor:
        cursor.copy_expert(COPY_IN, COPIED)
    reading.hear_all()
    reading.get(path)
    assert len(reading.made) == 3


def test_every_readers_page_is_built_on_watched_tables_only(reading):
    from tests.pages import PAGES, load_demonstration

    load_demonstration()
    reading.hear_all()
    unkept = []
    for path, status in PAGES.items():
        if status == 200 and "?" not in path and cache.route_of({"PATH_INFO": path}):
            reading.get(path)
            page = reading.cache.pages.get((HOST, path, "https", False))
            if page is None or not page.is_right():
                unkept.append(path)
    assert not unkept and len(reading.cache.pages) > 20

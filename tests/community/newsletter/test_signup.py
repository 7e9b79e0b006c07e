"""Signing up: what is asked, what is kept, and that nobody can use it against someone else."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from community.newsletter import consent, notices, tokens
from community.newsletter.models import ConsentRecord, Subscriber, Suppression
from tests.factories import make_article, make_policy_version, make_subscriber
from tests.mail_server import link_of, links_of, text_of

pytestmark = pytest.mark.django_db


def page(response):
    return response.content.decode()


def confirm(client, mail):
    return client.post(link_of(mail, "/confirm/"), secure=True)


def test_nothing_is_ticked_and_the_words_and_the_policy_are_there(client, words):
    html = page(client.get("/emails/", secure=True))
    assert " checked" not in html and html.count('type="checkbox"') == 3
    assert "You ask us to send emails." in html


def test_without_posted_words_nobody_is_asked(client):
    make_article(slug="one")
    for url in ("/", "/articles/one/"):
        assert 'name="email"' not in page(client.get(url, secure=True))
    assert "not posted yet" in page(client.get("/emails/", secure=True))


def test_home_and_article_carry_the_form(client, words):
    make_article(slug="one")
    for url in ("/", "/articles/one/", "/emails/"):
        response = client.get(url, secure=True)
        assert 'id="email-signup"' in page(response) and not response.cookies


def test_signing_up_confirming_and_the_record(client, post, sign_up, words, old_stamp):
    answer = sign_up("Wren@Example.com", ["letter", "calls"], stamp=old_stamp("/articles/one/"))
    assert "Check your email" in page(answer) and "Wren@Example.com" in page(answer)
    assert [mail["To"] for mail in post.mails] == ["Wren@example.com"]
    subscriber = Subscriber.objects.get()
    assert subscriber.confirmed_at is None

    mail = post.last
    everything = (mail.as_string() + text_of(mail)).lower()
    assert not any(word in everything for word in ("cancer", "mbc", "metasta"))
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Reply-To"] == "help@harbor.example"
    link = link_of(mail, "/confirm/")
    assert "wren" not in link.lower()

    for _ in range(3):  # a mail scanner
        assert "Confirm that you want our emails" in page(client.get(link, secure=True))
    subscriber.refresh_from_db()
    assert subscriber.confirmed_at is None and len(post.mails) == 1

    answer = client.post(link, secure=True)
    assert "You are confirmed" in page(answer) and "W•••@example.com" in page(answer)
    assert post.last["Subject"] == "You are signed up" and len(post.mails) == 2
    for again in (client.get(link, secure=True), client.post(link, secure=True)):
        assert "You are confirmed" in page(again)
    assert len(post.mails) == 2

    subscriber.refresh_from_db()
    assert subscriber.choices == ["letter", "calls"]
    asked, confirmed = ConsentRecord.objects.all()
    assert (asked.deed, confirmed.deed) == ("asked", "confirmed")
    assert asked.words == confirmed.words == words.body and asked.wording == words
    assert asked.privacy_policy.policy.kind == "privacy" and asked.page == "/articles/one/"
    assert asked.choices == ["letter", "calls"] and asked.at <= confirmed.at
    assert "/confirm/" in confirmed.page and link.split("/")[-2] not in confirmed.page


def test_the_record_keeps_the_words_the_form_showed_not_newer_ones(post, sign_up, words, old_stamp):
    shown = old_stamp()
    make_policy_version("email-consent", body="Other words.\n")
    sign_up("wren@example.com", stamp=shown)
    assert ConsentRecord.objects.get().words == words.body


def test_the_answer_is_the_same_whether_known_or_not(client, post, sign_up):
    def neutral(response):
        html = page(response)
        return html[html.index('id="email-signup"') : html.index("It has not come")]

    unknown = neutral(sign_up("wren@example.com"))
    asked = neutral(sign_up("wren@example.com"))
    confirm(client, post.last)
    known = neutral(sign_up("wren@example.com"))
    assert unknown == asked == known
    assert post.last["Subject"] == "You already get our emails"
    Suppression.objects.create(digest=consent.digests("gone@example.com")[0])
    sent = len(post.mails)
    gone = neutral(sign_up("gone@example.com"))
    assert gone.replace("gone@", "wren@") == known and len(post.mails) == sent
    assert not Subscriber.objects.filter(email="gone@example.com").exists()


def test_someone_else_cannot_change_what_a_subscriber_gets(client, post, sign_up):
    sign_up("wren@example.com", ["letter"])
    confirm(client, post.last)
    sign_up("WREN@example.com", ["letter", "polls", "calls"])
    assert Subscriber.objects.get().choices == ["letter"]


def test_a_stranger_gets_at_most_three_mails_a_day(post, sign_up):
    for _ in range(8):
        assert "Check your email" in page(sign_up("stranger@example.com"))
    assert len(post.mails) == notices.MOST_CONFIRM_MAILS_A_DAY


def test_one_machine_cannot_sign_up_the_world(post, sign_up):
    answers = [sign_up(f"someone{n}@example.com") for n in range(15)]
    assert [a.status_code for a in answers].count(429) == 3 and len(post.mails) == 12


def test_a_likely_slip_is_questioned_and_either_answer_is_taken(post, sign_up):
    answer = page(sign_up("wren@gmial.com"))
    assert "Is this your address?" in answer and "wren@gmail.com" in answer and not post.mails
    sign_up("wren@gmial.com", sure="meant")
    sign_up("wren@gmial.com", sure="typed")
    assert [mail["To"] for mail in post.mails] == ["wren@gmail.com", "wren@gmial.com"]


@pytest.mark.parametrize(
    "address",
    ["wren@example.com", "wren@yahoo.de", "wren@gmx.at", "o'neil+a@mail.example.co.uk",
     "wren@bücher.example", "wren@例え.jp", '"quoted.local"@example.com', "a@b.museum"],
)  # fmt: skip
def test_unusual_addresses_are_taken(post, sign_up, address):
    assert "Check your email" in page(sign_up(address))
    assert len(post.mails) == 1


@pytest.mark.parametrize(
    "address",
    ["", "wren", "wren@", "@example.com", "wren@@example.com", "a@b@example.com", "wren@example",
     "wren@example.com\nBcc: all@example.com", "wren@example.com\r\nSubject: x",
     "w\x00ren@example.com",
     "wren @example.com", "x" * 310 + "@a.example", "wren@-x.com", "wren@" + "a" * 300 + ".com",
     "wren@\u202eexample.com", "é@example.com", "wren@.com", "wren@xn--.com", "wren@\ud800.com",
     "wren@localhost", "root@[127.0.0.1]"],
)  # fmt: skip
def test_impossible_addresses_get_a_sentence_and_keep_what_was_typed(
    client, post, sign_up, address
):
    address = address.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    answer = sign_up(address, ["letter", "polls"])
    html = page(answer)
    assert answer.status_code == 200 and "There is a problem" in html
    assert "Null characters" not in html
    assert "<title>Error: " in html and html.count(" checked") == 2
    assert not post.mails and not Subscriber.objects.exists()


def test_a_choice_must_be_made(post, sign_up):
    html = page(sign_up("wren@example.com", []))
    assert "Choose at least one kind of email" in html and 'value="wren@example.com"' in html
    assert "Choose from the kinds" in page(sign_up("wren@example.com", ["everything"]))
    assert not post.mails


def test_programs_are_told_what_they_want_to_hear(post, sign_up):
    assert "Check your email" in page(sign_up("wren@example.com", website="http://spam.example"))
    assert not post.mails and not Subscriber.objects.exists()


@pytest.mark.parametrize(
    "facts", [{"seconds": 0}, {"seconds": 40 * 86400}, {"wording": 99}, {"wording": "x"}]
)
def test_forms_too_fast_too_old_or_made_up_are_asked_again(post, sign_up, old_stamp, facts):
    html = page(sign_up("wren@example.com", stamp=old_stamp(**facts)))
    assert "There is a problem" in html and 'value="wren@example.com"' in html
    assert not post.mails


@pytest.mark.parametrize("stamp", ["", "x", "a:b:c", "\x00", "x" * 5000])
def test_a_made_up_stamp_is_no_stamp(post, sign_up, stamp):
    answer = sign_up("wren@example.com", stamp=stamp)
    assert answer.status_code == 200 and not post.mails


def test_htmx_gets_the_panel_alone(client, post, old_stamp):
    sent = {"email": "wren@example.com", "choices": "letter", "stamp": old_stamp()}
    html = page(client.post("/emails/", sent, secure=True, headers={"HX-Request": "true"}))
    assert html.lstrip().startswith("<section") and "<html" not in html and "data-focus" in html


def test_links_altered_or_made_for_something_else_do_nothing(client, post, sign_up):
    sign_up("wren@example.com")
    link = link_of(post.last, "/confirm/")
    token = link.split("/")[-2]
    confirm(client, post.last)
    settings_token = link_of(post.last, "/settings/").split("/")[-2]
    stop_token = link_of(post.last, "/stop/").split("/")[-2]
    for url in (
        f"/emails/confirm/{token[:-1]}/", f"/emails/confirm/{settings_token}/",
        "/emails/confirm/x/",
        f"/emails/stop/{settings_token}/", f"/emails/stop/{token}/", f"/emails/stop/{stop_token}x/",
        f"/emails/settings/{stop_token}/", f"/emails/back/{stop_token}/", "/emails/confirm/%00/",
        "/emails/settings/.../", "/emails/stop/1.2.3/", f"/emails/settings/{'a' * 3000}/",
    ):  # fmt: skip
        for answer in (client.get(url, secure=True), client.post(url, secure=True)):
            assert answer.status_code == 404, url
            assert "This link does not work" in page(answer) or "settings/x" in url
    assert Subscriber.objects.get().stopped_at is None


def test_a_confirming_link_of_someone_who_had_her_details_deleted_says_so(client, post, sign_up):
    sign_up("wren@example.com")
    link = link_of(post.last, "/confirm/")
    consent.erase(Subscriber.objects.get())
    for answer in (client.get(link, secure=True), client.post(link, secure=True)):
        assert answer.status_code == 410 and "We hold no details of yours" in page(answer)
    assert not Subscriber.objects.exists()


def test_after_seven_days_a_confirming_link_says_so(client, post, sign_up, monkeypatch):
    sign_up("wren@example.com")
    link = link_of(post.last, "/confirm/")
    import time

    late = time.time() + 7 * 86400 + 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: late)
    for answer in (client.get(link, secure=True), client.post(link, secure=True)):
        assert answer.status_code == 410 and "stopped working" in page(answer)
    assert Subscriber.objects.get().confirmed_at is None


def test_unconfirmed_addresses_are_reminded_once_and_gone_after_thirty_days(post, sign_up):
    sign_up("wren@example.com")
    Subscriber.objects.update(asked_at=timezone.now() - timedelta(days=5))
    assert notices.remind_unconfirmed(dry_run=True) == 1
    assert [notices.remind_unconfirmed(), notices.remind_unconfirmed()] == [1, 0]
    assert len(post.mails) == 2 and "/confirm/" in " ".join(links_of(post.last))
    assert consent.forget_unconfirmed() == 0
    Subscriber.objects.update(asked_at=timezone.now() - timedelta(days=31))
    assert consent.forget_unconfirmed(dry_run=True) == 1 and Subscriber.objects.exists()
    assert [consent.forget_unconfirmed(), consent.forget_unconfirmed()] == [1, 0]
    assert not Subscriber.objects.exists() and not ConsentRecord.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE newsletter_consentrecord SET words = 'x'",
        "UPDATE newsletter_consentrecord SET at = now() - interval '1 year'",
        "UPDATE newsletter_consentrecord SET choices = '{polls}'",
        "DELETE FROM newsletter_consentrecord",
    ],
)
def test_the_database_refuses_to_change_the_record(post, sign_up, change):
    sign_up("wren@example.com")
    before = ConsentRecord.objects.values().get()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        connection.cursor().execute(change)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Subscriber.objects.all().delete()
    assert ConsentRecord.objects.values().get() == before


def test_erasing_one_person_leaves_the_records_of_others_locked(post, sign_up):
    for name in ("wren", "jo"):
        sign_up(f"{name}@example.com")
    consent.erase(Subscriber.objects.get(email="wren@example.com"))
    assert ConsentRecord.objects.get().subscriber.email == "jo@example.com"
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Subscriber.objects.all().delete()


@pytest.mark.parametrize("table", ["consentrecord", "delivery", "subscriber", "issue"])
def test_the_database_refuses_to_empty_records_and_the_ledger(post, sign_up, table):
    sign_up("wren@example.com")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL harbor.may_empty = ''")  # as on any other connection
        with pytest.raises(IntegrityError, match="never emptied"), transaction.atomic():
            cursor.execute(f"TRUNCATE newsletter_{table} CASCADE")
    assert ConsentRecord.objects.count() == 1


def test_a_record_bears_the_moment_of_the_database_whatever_it_is_handed(post, sign_up):
    sign_up("wren@example.com")
    record = ConsentRecord.objects.get()
    record.pk, record.at = None, timezone.now() - timedelta(days=900)
    record.save()
    record.refresh_from_db()
    assert timezone.now() - record.at < timedelta(minutes=5)


def test_the_words_that_go_on_record_stand_beside_the_button_that_confirms(client, post, sign_up):
    sign_up("wren@example.com")
    shown = page(client.get(link_of(post.last, "/confirm/"), secure=True))
    assert "You ask us to send emails." in shown
    confirm(client, post.last)
    assert ConsentRecord.objects.get(deed="confirmed").words == "You ask us to send emails.\n"


def test_haste_is_no_second_mistake_beside_hers(post, sign_up, old_stamp):
    hasty = page(sign_up("", choices=[], stamp=old_stamp(seconds=0)))
    assert "Enter your email address" in hasty and "very fast" not in hasty
    assert "very fast" in page(sign_up("wren@example.com", stamp=old_stamp(seconds=0)))


def test_the_title_follows_the_steps_on_the_forms_own_page_only(client, post, old_stamp):
    def ask(url, **fields):
        headers = {"HX-Request": "true", "HX-Current-URL": f"https://testserver{url}"}
        sent = {"stamp": old_stamp(), "choices": ["letter"]} | fields
        return page(client.post("/emails/", sent, secure=True, headers=headers))

    assert "<title>Error: Get emails - Harbor</title>" in ask("/emails/", email="")
    assert "<title>Is this your address? - Harbor</title>" in ask("/emails/", email="a@gmial.com")
    assert "<title>Check your email - Harbor</title>" in ask("/emails/", email="wren@example.com")
    assert "<title>" not in ask("/articles/one/", email="wren@example.com")


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"]
)
def test_a_huge_or_broken_body_is_no_error_of_ours_and_no_mail(client, post, words, kind):
    for body in (b"email=" + b"x" * 3_000_000, b"a=1&" * 20_000, b"\xff\x00" * 5_000, b""):
        answer = client.post("/emails/", body, content_type=kind, secure=True)
        assert answer.status_code in {200, 400, 413}, answer.status_code
        assert "<h1" in page(answer) or "<h2" in page(answer)
    assert not post.mails and not Subscriber.objects.exists()


def test_a_huge_one_click_stops_all_the_same(client, post, words):
    wren = make_subscriber(email="wren@example.com")
    stop = f"/emails/stop/{tokens.stop_token(wren)}/"
    answer = client.post(
        stop,
        b"x=" + b"y" * 3_000_000,
        content_type="application/x-www-form-urlencoded",
        secure=True,
    )
    assert answer.status_code == 200
    wren.refresh_from_db()
    assert wren.stopped_at

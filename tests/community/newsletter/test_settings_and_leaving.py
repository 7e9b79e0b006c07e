"""Her settings page, and every way to leave: at once, for good, and with a way back."""

import json
import re
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from community.members import personal_data
from community.newsletter import consent, tokens
from community.newsletter.models import ConsentRecord, Delivery, Subscriber, Suppression
from tests.factories import make_article, make_issue, make_member, make_subscriber, make_topic
from tests.mail_server import link_of, links_of, text_of

pytestmark = pytest.mark.django_db


def page(response):
    return response.content.decode()


@pytest.fixture
def wren(words):
    return make_subscriber(email="wren@example.com")


@pytest.fixture
def settings_url(wren):
    return f"/emails/settings/{tokens.settings_token(wren)}/"


@pytest.fixture
def stop_url(wren):
    return f"/emails/stop/{tokens.stop_token(wren)}/"


def get(client, url):
    return client.get(url, secure=True)


def send(client, url, data=None, **kwargs):
    return client.post(url, data or {}, secure=True, **kwargs)


def test_the_page_is_private_and_shows_a_masked_address(client, settings_url):
    answer = get(client, settings_url)
    html = page(answer)
    assert "w•••@example.com" in html and "wren@" not in html
    assert "no-store" in answer["Cache-Control"] and answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Robots-Tag"] == "noindex" and not answer.cookies


def test_links_never_grow_old_and_survive_a_new_secret(client, settings, wren, stop_url):
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-secret" * 5, [old]
    assert send(client, stop_url).status_code == 200
    wren.refresh_from_db()
    assert wren.stopped_at


def test_what_she_chooses_is_saved_and_goes_on_record(client, post, wren, settings_url):
    topic = make_topic("Trials")
    sent = {"choices": ["letter", "polls"], "how_often": "monthly", "topics_left_out": [topic.pk],
            "is_discreet": "on", "text_only": "on"}  # fmt: skip
    answer = send(client, settings_url, sent)
    assert answer.status_code == 302 and "Your choices are saved" in page(
        get(client, answer["Location"])
    )
    wren.refresh_from_db()
    assert wren.choices == ["letter", "polls"] and wren.how_often == "monthly"
    assert wren.is_discreet and wren.text_only and wren.topics_left_out.get() == topic
    record = ConsentRecord.objects.get()
    assert record.deed == "changed" and record.choices == ["letter", "polls"]
    send(client, settings_url, sent)
    assert ConsentRecord.objects.count() == 1
    assert "The weekly letter, New polls" in page(get(client, settings_url))


def test_odd_choices_change_nothing(client, wren, settings_url):
    for sent in (
        {"how_often": "hourly"},
        {"choices": ["all"], "how_often": "every"},
        {"how_often": "every", "topics_left_out": ["9999"]},
        {"how_often": "every", "topics_left_out": ["x"]},
    ):
        assert send(client, settings_url, sent).status_code == 200
    wren.refresh_from_db()
    assert wren.choices == ["letter"]


@pytest.mark.parametrize(("how_long", "days"), [("2-weeks", 14), ("1-month", 30), ("3-months", 91)])
def test_a_pause_ends_by_itself(client, wren, settings_url, how_long, days, monkeypatch):
    send(client, settings_url + "pause/", {"how_long": how_long})
    wren.refresh_from_db()
    assert wren.is_paused and not Subscriber.objects.reachable().exists()
    assert abs(wren.paused_until - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)
    Subscriber.objects.update(paused_until=timezone.now() - timedelta(seconds=1))
    wren.refresh_from_db()
    assert not wren.is_paused and Subscriber.objects.reachable().exists()


def test_a_pause_until_she_comes_back_lasts_until_then(client, wren, settings_url):
    send(client, settings_url + "pause/", {"how_long": "until-back"})
    assert "until you come back" in page(get(client, settings_url))
    send(client, settings_url + "pause/", {"how_long": "forever"})
    assert not Subscriber.objects.reachable().exists()
    send(client, settings_url + "resume/")
    assert Subscriber.objects.reachable().exists()


def test_one_click_stops_without_cookie_redirect_or_surprise(client, post, wren, stop_url):
    """RFC 8058: a POST by a machine, from anywhere, once or often."""
    answers = [
        send(
            client,
            stop_url,
            {"List-Unsubscribe": "One-Click"},
            headers={"Sec-Fetch-Site": "cross-site"},
        )
        for _ in range(2)
    ]
    answers.append(client.post(stop_url, b"", content_type="text/plain", secure=True))
    answers.append(
        client.post(stop_url, b"\xff" * 10000, content_type="multipart/form-data", secure=True)
    )
    for answer in answers:
        assert answer.status_code == 200 and not answer.cookies and "Location" not in answer
        assert "You will not get any more emails" in page(answer)
    assert answers[0].content == answers[1].content
    wren.refresh_from_db()
    assert wren.stopped_at and ConsentRecord.objects.get().deed == "withdrawn"
    assert len(post.mails) == 1  # one notice, however often


def test_a_scanner_that_opens_every_link_changes_nothing(
    client, post, wren, settings_url, stop_url
):
    for url in (
        settings_url,
        stop_url,
        *(settings_url + part for part in ("delete/", "died/", "record/")),
    ):
        assert get(client, url).status_code == 200
    for part in ("pause/", "resume/", "start/"):
        assert get(client, settings_url + part).status_code == 405
    before = Subscriber.objects.values().get()
    assert before["stopped_at"] is None and not ConsentRecord.objects.exists() and not post.mails


def test_someone_a_letter_was_forwarded_to_cannot_stop_it_silently(client, post, wren, stop_url):
    send(client, stop_url)
    mail = post.last
    assert mail["To"] == "wren@example.com" and "not you" in text_of(mail)
    html = page(get(client, link_of(mail, "/settings/")))
    assert "Start again" in html
    send(client, link_of(mail, "/settings/") + "start/")
    wren.refresh_from_db()
    assert wren.stopped_at is None
    assert [record.deed for record in wren.records.all()] == ["withdrawn", "started-again"]
    assert post.last["Subject"] == "You get our emails again"


def test_starting_again_is_on_the_page_that_says_it_stopped(client, post, wren, stop_url):
    html = page(send(client, stop_url))
    action = re.search(r'action="([^"]+/start/)"', html)[1]
    assert "You get our emails again" in page(client.post(action, secure=True, follow=True))
    wren.refresh_from_db()
    assert wren.stopped_at is None


def test_notices_cannot_be_made_a_flood(client, post, wren, settings_url, stop_url):
    for _ in range(6):
        send(client, stop_url)
        send(client, settings_url + "start/")
    assert len(post.mails) == 3


def test_deleting_leaves_a_hash_that_keeps_us_from_writing(
    client, post, wren, settings_url, stop_url, sign_up
):
    consent.change(wren, ["polls"], page="/")
    answer = send(client, settings_url + "delete/")
    assert "Your details are deleted" in page(answer)
    assert not Subscriber.objects.exists() and not ConsentRecord.objects.exists()
    suppression = Suppression.objects.get()
    assert b"wren" not in bytes(suppression.digest) and len(suppression.digest) == 32
    assert get(client, settings_url).status_code == 410
    assert "You will not get any more emails" in page(send(client, stop_url))
    goodbye = post.last
    sign_up("WREN@Example.com")
    assert post.last is goodbye and not Subscriber.objects.exists()

    back = link_of(goodbye, "/back/")
    assert "Come back?" in page(get(client, back)) and Suppression.objects.exists()
    assert "You can sign up again" in page(send(client, back))
    assert "You can sign up again" in page(send(client, back))
    sign_up("wren@example.com")
    assert post.last["Subject"] == "Confirm that you want our emails"


def test_details_are_deleted_also_while_the_mail_server_is_down(
    client, settings, wren, settings_url
):
    from tests.mail_server import free_port, mailers

    settings.MAILERS = mailers(free_port())
    assert "Your details are deleted" in page(send(client, settings_url + "delete/"))
    assert not Subscriber.objects.exists()


def test_someone_has_died(client, post, wren, settings_url, stop_url, sign_up):
    assert "Has someone died?" in page(get(client, settings_url + "died/"))
    assert "All emails have stopped" in page(send(client, settings_url + "died/"))
    send(client, settings_url + "died/")
    wren.refresh_from_db()
    assert wren.died_at and not Subscriber.objects.reachable().exists()
    assert [mail["To"] for mail in post.mails] == ["help@harbor.example"]
    assert "w•••@example.com" in text_of(post.last) and "/admin/" in " ".join(links_of(post.last))
    send(client, stop_url)
    sign_up("wren@example.com")
    wren.refresh_from_db()
    assert wren.died_at and len(post.mails) == 1
    assert consent.undo_death(wren) and not consent.undo_death(wren)
    assert consent.start_again(wren, page="/") and Subscriber.objects.reachable().exists()


def test_she_can_download_everything(client, wren, settings_url):
    consent.change(wren, ["polls"], page="/emails/settings/")
    issue = make_issue(state="sent", started_at=timezone.now())
    Delivery.objects.create(issue=issue, subscriber=wren, state="failed", answer="552 Full")
    answer = get(client, settings_url + "record/")
    held = json.loads(answer.content)
    [letter] = held["letters"]
    assert letter["how it went"] == "Failed" and letter["what the mail server said"] == "552 Full"
    # A member's export of her account holds the same, and her address.
    member = make_member(email="Wren@example.com")
    [letters] = personal_data.exports()["Letters by email"](member)
    assert letters["Email"] == wren.email and letters["Letters"][0]["how it went"] == "Failed"
    [agreed] = personal_data.exports()["What you agreed to for letters"](member)
    assert agreed["Words shown"] == "What you get: New polls"
    assert "attachment" in answer["Content-Disposition"] and held["email"] == "w•••@example.com"
    assert held["consent record"][0]["words shown"] == "What you get: New polls"
    assert held["consent record"][0]["privacy policy version"] == 1


def test_mail_that_came_back_is_told_and_can_be_put_right(client, post, wren, settings_url):
    assert consent.note_return(wren, "bounce", "550 5.1.1 no such user")
    assert not consent.note_return(wren, "complaint", "")
    assert "does not exist any more" in page(get(client, settings_url))
    send(client, settings_url + "start/")
    assert Subscriber.objects.reachable().exists()


def test_an_unconfirmed_person_has_no_settings_yet(client, words):
    subscriber = make_subscriber(unconfirmed=True)
    assert get(client, f"/emails/settings/{tokens.settings_token(subscriber)}/").status_code == 410


def test_no_link_says_anything_about_health_or_holds_an_address(
    client, post, wren, stop_url, settings_url
):
    make_article(slug="one")
    for url in (stop_url, settings_url):
        assert not re.search(r"cancer|mbc|health|wren|example", url)


def test_the_buttons_work_for_someone_who_is_signed_in_too(post, wren, settings_url, stop_url):
    """Django's own token is asked for where there is a session, except for the one-click stop."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_member())
    assert send(client, settings_url + "pause/", {"how_long": "1-month"}).status_code == 403
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page(get(client, settings_url)))[1]
    sent = {"how_long": "1-month", "csrfmiddlewaretoken": token}
    here = {"Origin": "https://testserver", "Sec-Fetch-Site": "same-origin"}
    assert send(client, settings_url + "pause/", sent, headers=here).status_code == 302
    assert send(client, stop_url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    wren.refresh_from_db()
    assert wren.paused_at and wren.stopped_at


def test_a_form_of_another_site_cannot_change_her_settings(client, wren, settings_url):
    headers = {"Sec-Fetch-Site": "cross-site"}
    for part in ("pause/", "start/", "delete/", "died/"):
        answer = send(client, settings_url + part, {"how_long": "1-month"}, headers=headers)
        assert answer.status_code == 403


def test_what_was_done_is_said_once_and_no_address_can_make_the_page_lie(
    client, wren, settings_url, monkeypatch
):
    page = client.post(f"{settings_url}pause/", {"how_long": "1-month"}, secure=True, follow=True)
    said = "Emails are paused.</p>"
    words = page.content.decode()
    assert said in words and "<title>Done: Email settings" in words
    later = time.time() + 3600
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    address = f"{page.request['PATH_INFO']}?{page.request['QUERY_STRING']}"
    assert said not in client.get(address, secure=True).content.decode()
    assert (
        "Your choices are saved"
        not in client.get(settings_url, {"done": "saved"}, secure=True).content.decode()
    )


def test_the_page_offers_what_makes_sense_now(client, post, wren, settings_url):
    def page():
        return client.get(settings_url, secure=True).content.decode()

    assert page().index("What you get") < page().index("2 weeks")
    consent.pause(wren, "1-month")
    assert page().index("End the pause now") < page().index("What you get")
    consent.stop(wren, page="/")
    assert "Start again" in page() and "End the pause" not in page() and "2 weeks" not in page()
    consent.start_again(wren, page="/")
    consent.note_death(wren, page="/")
    assert f"{settings_url}died/" not in page() and "It was a mistake" in page()


def test_what_is_said_after_a_deed_is_true_of_all_the_rest(client, post, wren, settings_url):
    def press(path="", **fields):
        answer = client.post(f"{settings_url}{path}", fields, secure=True, follow=True)
        return answer.content.decode()

    nothing = "Nothing is ticked, so no emails come."
    assert nothing not in page(get(client, settings_url))
    consent.stop(wren, page="/")
    assert "They count when emails come again" in press(choices="polls", how_often="every")
    assert "You get our emails again" in press("start/")
    consent.pause(wren, "1-month")
    assert "They count when emails come again" in press(choices="letter", how_often="every")
    consent.stop(wren, page="/")
    assert "Emails are still paused" in press("start/")
    press("resume/")
    press(how_often="every")
    assert nothing in page(get(client, settings_url))
    consent.stop(wren, page="/")
    assert nothing not in page(get(client, settings_url))
    again = press("start/")
    assert (
        "You get no emails until you tick one" in again and "You get our emails again" not in again
    )

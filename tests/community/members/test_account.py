"""The account: sessions, profile, second factors, settings, email, ignoring."""

import re
import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from community.members import ignoring, middleware, reading
from community.members.browsers import describe
from community.members.models import Ignore, Member, SignedInBrowser
from tests.factories import make_member

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def tasks_run(settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}


def get(client, name, *args):
    return client.get(reverse(name, args=args), secure=True)


def post(client, name, data=None, *args):
    return client.post(reverse(name, args=args), data or {}, secure=True)


def sign_in(client, member):
    post(client, "members:password", {"email": member.email, "password": "a password"})
    assert client.session["_auth_user_id"] == str(member.pk)


def mailed_codes():
    return [re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", m.body).group() for m in mail.outbox]


ACCOUNT_PAGES = [
    "account", "edit-profile", "signed-in", "confirm-code", "change-email", "wishes", "ignored",
    "your-data", "close",
]  # fmt: skip


@pytest.mark.parametrize("name", ACCOUNT_PAGES)
def test_account_pages_open_to_their_owner_and_lead_others_to_the_sign_in(client, name):
    guest = get(client, f"members:{name}")
    assert guest.url.startswith(reverse("account_login")) and "next=" in guest.url
    client.force_login(make_member())
    page = get(client, f"members:{name}")
    assert page.status_code == 200 and "no-store" in page["Cache-Control"]


def test_a_session_lasts_thirty_days_from_the_last_visit(client):
    sign_in(client, make_member())
    assert settings.SESSION_COOKIE_AGE == 30 * 24 * 60 * 60
    Session.objects.update(expire_date=timezone.now() + timedelta(days=3))
    session = client.session
    session["renewed"] = 1
    session.save()
    Session.objects.update(expire_date=timezone.now() + timedelta(days=3))
    page = get(client, "members:account")
    assert page.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == settings.SESSION_COOKIE_AGE
    assert Session.objects.get().expire_date > timezone.now() + timedelta(days=29)
    assert settings.SESSION_COOKIE_NAME not in get(client, "members:account").cookies


def test_my_browsers_are_listed_in_rough_words_and_each_can_be_signed_out(client):
    member = make_member()
    sign_in(client, member)
    phone = Client(headers={"User-Agent": FIREFOX})
    sign_in(phone, member)
    page = get(client, "members:signed-in").content.decode()
    assert "Firefox on a Linux computer" in page and "(this one)" in page
    row = member.browsers.get(description__startswith="Firefox")
    post(client, "members:signed-in", {"browser": row.pk})
    assert get(phone, "members:account").status_code == 302
    assert get(client, "members:account").status_code == 200


def test_all_others_can_be_signed_out_at_once(client):
    member = make_member()
    others = [Client(), Client()]
    for browser in (client, *others):
        sign_in(browser, member)
    post(client, "members:signed-in")
    assert [get(b, "members:account").status_code for b in (client, *others)] == [200, 302, 302]


def test_nobody_can_sign_out_somebody_elses_browser(client):
    mine, other = make_member(), make_member()
    theirs = Client()
    sign_in(theirs, other)
    sign_in(client, mine)
    assert (
        post(client, "members:signed-in", {"browser": other.browsers.get().pk}).status_code == 404
    )
    assert get(theirs, "members:account").status_code == 200


def test_no_address_of_a_machine_is_kept(client):
    sign_in(client, make_member())
    assert "127.0.0.1" not in str(list(SignedInBrowser.objects.values()))
    assert "127.0.0.1" not in str(dict(client.session))
    assert describe("x" * 9999) == "A browser"


def test_a_sign_in_from_a_new_browser_is_told_by_mail_and_one_from_a_known_is_not(
    client, tasks_run
):
    member = make_member()
    sign_in(client, member)
    assert mail.outbox[0].to == [member.email] and "new-sign-in" not in mail.outbox[0].subject
    assert "did not know" in mail.outbox[0].body
    post(client, "members:sign-out")
    sign_in(client, member)
    assert len(mail.outbox) == 1
    sign_in(Client(), member)
    assert len(mail.outbox) == 2


def test_staff_are_signed_out_after_half_an_hour_without_a_press(client):
    sign_in(client, make_member(staff=True))
    client.session.save()
    idle(client, staff_seen=middleware.STAFF_IDLE + 5)
    page = get(client, "members:account")
    assert page.status_code == 302 and "sign-in" in page.url
    assert "_auth_user_id" not in client.session


def test_staff_are_signed_out_after_twelve_hours_however_busy(client):
    sign_in(client, make_member(staff=True))
    idle(client, signed_in_at=middleware.STAFF_AT_MOST + 5)
    assert get(client, "members:account").status_code == 302


def test_others_are_not_signed_out(client):
    sign_in(client, make_member())
    idle(client, staff_seen=10**6, signed_in_at=10**6)
    assert get(client, "members:account").status_code == 200


def test_a_form_that_staff_send_too_late_says_that_its_words_are_not_lost(client):
    sign_in(client, make_member(editor=True))
    idle(client, staff_seen=middleware.STAFF_IDLE + 5)
    page = post(client, "admin:articles_article_add", {"title": "An hour of writing"})
    assert page.status_code == 403 and "Your words are not lost" in page.content.decode()


def idle(client, **seconds):
    session = client.session
    for name, ago in seconds.items():
        session[name] = int(time.time()) - ago
    session.save()


def test_the_desk_opens_in_production_only_after_a_second_factor(client, settings):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    settings.STAFF_NEED_SECOND_FACTOR = True
    member = make_member(superuser=True)
    assert get(client, "admin:login").url.startswith(reverse("account_login"))
    sign_in(client, member)
    assert get(client, "admin:index").url.startswith(reverse("mfa_index"))
    assert get(client, "mfa_index").status_code == 200
    post(client, "members:sign-out")

    secret = generate_totp_secret()
    TOTP.activate(member, secret)
    answer = post(client, "members:password", {"email": member.email, "password": "a password"})
    assert answer.url == reverse("mfa_authenticate") and "_auth_user_id" not in client.session
    assert get(client, "admin:index").status_code == 302
    assert get(client, "mfa_authenticate").status_code == 200
    post(client, "mfa_authenticate", {"code": totp(secret)})
    assert client.session["_auth_user_id"] == str(member.pk)
    assert get(client, "admin:index").status_code == 200


def totp(secret):
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_an_emailed_code_also_leads_to_the_second_factor(client):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    member = make_member()
    TOTP.activate(member, generate_totp_secret())
    post(client, "members:sign-in", {"email": member.email})
    assert post(client, "members:code", {"code": mailed_codes()[-1]}).url == reverse(
        "mfa_authenticate"
    )
    assert "_auth_user_id" not in client.session


def test_an_app_and_a_passkey_can_be_added(client, tasks_run, django_capture_on_commit_callbacks):
    member = make_member()
    sign_in(client, member)
    confirm = client.get(reverse("mfa_activate_totp"), secure=True)
    assert confirm.url.startswith(reverse("account_reauthenticate"))
    assert client.get(confirm.url, secure=True).status_code == 200
    done = client.post(confirm.url, {"password": "a password"}, secure=True)
    assert done.status_code == 302
    page = client.get(reverse("mfa_activate_totp"), secure=True)
    assert "<svg" in page.content.decode() and "data:" not in page.content.decode()
    secret = re.search(r'class="secret">(\w+)<', page.content.decode()).group(1)
    with django_capture_on_commit_callbacks(execute=True):
        post(client, "mfa_activate_totp", {"code": totp(secret)})
    assert member.authenticator_set.filter(type="totp").exists()
    assert "second factor" in mail.outbox[-1].subject
    for name in ("mfa_add_webauthn", "mfa_list_webauthn", "mfa_view_recovery_codes",
                 "mfa_generate_recovery_codes", "mfa_deactivate_totp", "mfa_index"):  # fmt: skip
        assert client.get(reverse(name), secure=True).status_code == 200, name


def test_the_passkey_page_begins_with_a_press_and_bad_answers_get_a_sentence(client):
    assert get(client, "members:passkey").status_code == 405
    assert "request_options" in post(client, "members:passkey").content.decode()
    for answer in ("", "{}", "[]", "x", "\0", '{"response": {"userHandle": "AAAA"}}', "1" * 5000):
        page = post(client, "members:passkey", {"credential": answer})
        assert page.status_code == 200 and "That did not work" in page.content.decode()


def test_a_profile_opens_to_members_only_and_asks_search_engines_to_stay_away(client):
    member = make_member(display_name="Ana", own_words="Two dogs.")
    assert get(client, "members:profile", member.handle).status_code == 302
    client.force_login(make_member())
    page = get(client, "members:profile", member.handle).content.decode()
    assert '<meta name="robots" content="noindex">' in page and "Two dogs." in page
    assert member.email not in page


def test_the_connection_with_mbc_is_shown_only_if_chosen(client):
    member = make_member(relation="living")
    client.force_login(make_member())
    assert "Living with MBC" not in get(client, "members:profile", member.handle).content.decode()
    Member.objects.filter(pk=member.pk).update(relation_is_shown=True)
    assert "Living with MBC" in get(client, "members:profile", member.handle).content.decode()


def test_a_profile_of_nobody_and_of_a_closed_account_are_the_same_404(client):
    gone = make_member(is_active=False)
    client.force_login(make_member())
    for handle in ("nobody", gone.handle):
        assert get(client, "members:profile", handle).status_code == 404


def test_own_words_are_240_characters_at_most_and_nothing_typed_is_lost(client):
    client.force_login(make_member(display_name="Ana"))
    data = {"display_name": "Ana", "relation": "friend", "own_words": "w" * 241}
    page = post(client, "members:edit-profile", data).content.decode()
    assert "240 characters or less. You have 241" in page and "w" * 241 in page
    post(client, "members:edit-profile", {**data, "own_words": "<b>\u202eHi</b>\r\nyou"})
    assert Member.objects.get().own_words == "<b>Hi</b>\nyou"
    assert "&lt;b&gt;" in get(client, "members:profile", "ana").content.decode()


def test_a_new_name_that_looks_full_is_asked_about_once(client):
    client.force_login(make_member(display_name="Ana"))
    data = {"display_name": "Ana Lopez", "relation": "friend"}
    assert "looks like a full name" in post(client, "members:edit-profile", data).content.decode()
    post(client, "members:edit-profile", {**data, "sure_of_name": "Ana Lopez"})
    assert Member.objects.get().display_name == "Ana Lopez"


def test_ignoring_is_undone_as_easily_and_tells_nobody(client):
    me, other = make_member(), make_member()
    client.force_login(me)
    post(client, "members:ignore", {}, other.handle)
    post(client, "members:ignore", {}, other.handle)
    assert ignoring.ignored_by(me) == {other.pk} and ignoring.ignored_by(other) == set()
    assert other.display_name in get(client, "members:ignored").content.decode()
    post(client, "members:unignore", {}, other.handle)
    assert ignoring.ignored_by(me) == set() and not mail.outbox


def test_ignoring_oneself_does_nothing():
    me = make_member()
    assert ignoring.ignore(me, me) is False and not Ignore.objects.exists()


def test_ignoring_tells_whether_anything_changed(django_assert_num_queries):
    me, other = make_member(), make_member()
    assert [ignoring.ignore(me, other), ignoring.ignore(me, other)] == [True, False]
    assert [ignoring.unignore(me, other), ignoring.unignore(me, other)] == [True, False]
    with django_assert_num_queries(1):
        ignoring.ignored_by(me)


def test_a_guests_reading_settings_are_one_cookie_set_only_by_save(client):
    assert not get(client, "members:reading").cookies
    saved = post(client, "members:reading", {"text": "3", "theme": "dark", "calm": "on"})
    assert set(saved.cookies) == {settings.READING_COOKIE_NAME}
    assert saved.cookies[settings.READING_COOKIE_NAME].value == "t3-dark-calm"
    page = get(client, "articles:home")
    assert (
        '<html lang="en" data-text="3" data-theme="dark" data-calm="yes">' in page.content.decode()
    )
    assert "Cookie" in page["Vary"] and not page.cookies


def test_the_defaults_take_the_cookie_away_again(client):
    post(client, "members:reading", {"text": "2"})
    gone = post(client, "members:reading", {"text": "1"})
    assert gone.cookies[settings.READING_COOKIE_NAME]["max-age"] == 0


def test_a_members_reading_settings_stand_on_the_account(client):
    member = make_member()
    client.force_login(member)
    saved = post(client, "members:reading", {"text": "2", "hide_numbers": "on", "quiet": "on"})
    assert settings.READING_COOKIE_NAME not in saved.cookies
    assert Member.objects.get().reading_settings == "t2-numbers-quiet"
    assert 'data-numbers="hidden"' in get(client, "articles:home").content.decode()


@pytest.mark.parametrize(
    "cookie", ["", "x", "t9-pink", '"><script>', "\u00e9" * 99, "dark-t2-" * 9]
)
def test_a_made_up_cookie_breaks_nothing_and_gives_no_new_cache_key(rf, cookie):
    request = rf.get("/")
    request.COOKIES[settings.READING_COOKIE_NAME] = cookie
    assert reading.cache_key(request) in {"", "t2-dark"}


def test_a_new_address_needs_a_code_from_both(client):
    member = make_member(email="old@harbor.example")
    client.force_login(member)
    post(client, "members:change-email", {"email": "new@harbor.example"})
    assert [m.to for m in mail.outbox] == [["old@harbor.example"], ["new@harbor.example"]]
    old, new = mailed_codes()
    for wrong in ({"old_code": new, "new_code": new}, {"old_code": old, "new_code": old}):
        post(client, "members:change-email-codes", wrong)
        assert Member.objects.get().email == "old@harbor.example"
    post(client, "members:change-email-codes", {"old_code": old, "new_code": new})
    assert Member.objects.get().email == "new@harbor.example"


def test_each_code_for_a_new_address_has_three_tries(client):
    client.force_login(make_member(email="old@harbor.example"))
    post(client, "members:change-email", {"email": "new@harbor.example"})
    old, new = mailed_codes()
    for _ in range(3):
        post(client, "members:change-email-codes", {"old_code": "2222-2222", "new_code": new})
    post(client, "members:change-email-codes", {"old_code": old, "new_code": new})
    assert Member.objects.get().email == "old@harbor.example"


def test_a_taken_address_is_not_told_on_the_page(client):
    make_member(email="taken@harbor.example")
    client.force_login(make_member(email="old@harbor.example"))
    answer = post(client, "members:change-email", {"email": "TAKEN@harbor.example"})
    assert answer.url == reverse("members:change-email-codes")
    assert "in use" in mail.outbox[-1].subject


def test_a_new_password_signs_out_other_browsers_and_keeps_this_one(client):
    member = make_member()
    other = Client()
    sign_in(other, member)
    sign_in(client, member)
    post(client, "members:set-password", NEW_PASSWORD)
    assert get(client, "members:account").status_code == 200
    assert get(other, "members:account").status_code == 302
    # Nor does the list of browsers still name the other.
    (left,) = SignedInBrowser.objects.filter(member=member)
    assert left.session_key == client.session.session_key


NEW_PASSWORD = {"new_password1": "seven green boats", "new_password2": "seven green boats"}


def test_an_open_session_alone_sets_no_password(client):
    """Somebody at the owner's computer is asked for a code that only the owner's mailbox has."""
    member = make_member()
    client.force_login(member)
    for answer in (
        get(client, "members:set-password"),
        post(client, "members:set-password", NEW_PASSWORD),
    ):
        assert answer.url == f"{reverse('members:confirm-code')}?next=%2Faccount%2Fpassword%2F"
    member.refresh_from_db()
    assert member.check_password("a password")
    assert "Mail me a code" in client.get(answer.url, secure=True).content.decode()
    assert not mail.outbox, "a page that is only looked at mails nothing"
    sent = client.post(answer.url, {"send": "1", "next": "/account/password/"}, secure=True)
    assert mail.outbox[-1].to == [member.email]
    here = sent.url
    wrong = client.post(here, {"code": "2222-2222"}, secure=True).content.decode()
    assert "That is not the code" in wrong and "There is a problem" in wrong
    assert get(client, "members:set-password").status_code == 302
    right = {"code": mailed_codes()[-1], "next": "/account/password/"}
    assert client.post(here, right, secure=True).url == reverse("members:set-password")
    assert get(client, "members:set-password").status_code == 200
    post(client, "members:set-password", NEW_PASSWORD)
    member.refresh_from_db()
    assert member.check_password("seven green boats")


@pytest.mark.parametrize("has_password", [True, False])
@pytest.mark.parametrize("name", ["mfa_add_webauthn", "mfa_activate_totp"])
def test_an_open_session_alone_adds_no_second_factor(client, name, has_password):
    """Most members have neither password nor second factor: then allauth itself asks nothing."""
    member = make_member()
    if not has_password:
        member.set_unusable_password()
        member.save()
    client.force_login(member)
    asks = f"{reverse('members:confirm-code')}?{urlencode({'next': reverse(name)})}"
    assert get(client, name).url == post(client, name, {"code": "1"}).url == asks
    assert "mfa_totp_secret" not in str(dict(client.session))
    sent = client.post(asks, {"send": "1", "next": reverse(name)}, secure=True)
    right = {"code": mailed_codes()[-1], "next": reverse(name)}
    assert client.post(sent.url, right, secure=True).url == reverse(name)
    assert get(client, name).status_code == 200


FACTOR_PAGES = [
    "mfa_add_webauthn", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_generate_recovery_codes",
]  # fmt: skip


@pytest.mark.parametrize("name", FACTOR_PAGES)
def test_who_has_a_second_factor_is_asked_before_it_is_changed(client, name):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    member = make_member()
    member.set_unusable_password()
    member.save()
    TOTP.activate(member, generate_totp_secret())
    client.force_login(member)
    for answer in (get(client, name), post(client, name)):
        assert answer.status_code == 302
        assert "/account/confirm/" in answer.url or "/reauthenticate/" in answer.url
    assert member.authenticator_set.filter(type="totp").exists()


def test_the_present_password_will_do_and_a_sign_in_goes_stale(client):
    member = make_member()
    sign_in(client, member)
    assert get(client, "members:set-password").status_code == 200
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 301
    session.save()
    asked = get(client, "members:set-password")
    page = client.get(asked.url, secure=True).content.decode()
    link = re.search(r'href="([^"]+)">Use your password instead', page)[1]
    done = client.post(link, {"password": "a password"}, secure=True)
    assert done.url == reverse("members:set-password")
    assert get(client, "members:set-password").status_code == 200


def test_a_code_for_confirming_is_for_its_own_account_and_browser_and_has_three_tries(client):
    ana, bea = make_member(), make_member()
    client.force_login(ana)
    here = reverse("members:confirm-code")
    client.post(here, {"send": "1"}, secure=True)
    code = mailed_codes()[-1]
    elsewhere = Client()
    elsewhere.force_login(ana)
    elsewhere.post(here, {"code": code}, secure=True)
    assert get(elsewhere, "members:set-password").status_code == 302
    held = client.session["confirm_code"]
    other = Client()
    other.force_login(bea)
    session = other.session
    session["confirm_code"] = held
    session.save()
    other.post(here, {"code": code}, secure=True)
    assert get(other, "members:set-password").status_code == 302
    for _ in range(3):
        last = client.post(here, {"code": "2222-2222"}, secure=True)
    assert "Mail me a code" in last.content.decode()
    client.post(here, {"code": code}, secure=True)
    assert get(client, "members:set-password").status_code == 302


def test_wishes_are_kept_and_can_be_taken_back(client):
    client.force_login(make_member())
    post(client, "members:wishes", {"wish": "without-name", "wish_contact": "My sister Bea"})
    assert (Member.objects.get().wish, Member.objects.get().wish_contact) == (
        "without-name",
        "My sister Bea",
    )
    post(client, "members:wishes", {"wish": "", "wish_contact": ""})
    assert Member.objects.get().wish == ""


def test_a_hidden_topic_leaves_a_line_in_lists_and_all_on_its_own_page(client):
    from tests.community.comments.factories import make_comment
    from tests.factories import make_article, make_topic

    topic = make_topic("Hospice")
    article = make_article(title="About hospice", topics=[topic])
    client.force_login(make_member())
    for _ in range(2):
        post(client, "members:hide-topic", {"next": "/articles/"}, topic.slug)
    page = get(client, "articles:list").content.decode()
    assert "1 article is hidden: Hospice" in page and article.get_absolute_url() in page
    make_comment(on=article)
    for address in ("/", "/search/?q=hospice", "/talk/"):
        page = client.get(address, secure=True).content.decode()
        assert "1 article is hidden: Hospice" in page, address
        assert ">About hospice</a>" not in page and "Read the newest article" not in page, address
        for_all = Client().get(address, secure=True).content.decode()
        assert ">About hospice</a>" in for_all and "is hidden" not in for_all, address
    within = client.get(f"/search/?q=hospice&topic={topic.slug}", secure=True).content.decode()
    assert "About hospice" in within and "is hidden" not in within
    assert (
        "1 article is hidden"
        not in client.get(topic.get_absolute_url(), secure=True).content.decode()
    )
    post(client, "members:hide-topic", {"show": "yes"}, topic.slug)
    assert "is hidden" not in get(client, "articles:list").content.decode()


BUTTONS = [
    "members:resume-mail", "members:stay", "members:hide-topic", "members:ignore",
    "members:unignore", "comments:follow-article", "comments:follow-thread",
]  # fmt: skip


@pytest.mark.parametrize("name", BUTTONS)
def test_who_comes_to_the_address_of_a_button_by_a_link_reads_what_to_do(client, name):
    """A reload does it, or a sign-in that leads back."""
    takes = {"hide-topic": ["scans"], "ignore": ["ana"], "unignore": ["ana"],
             "follow-article": ["scans"], "follow-thread": [1]}  # fmt: skip
    client.force_login(make_member())
    page = get(client, name, *takes.get(name.split(":")[1], []))
    assert page.status_code == 405 and page["Allow"] == "POST"
    assert "Go back there and press it once more" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    guest = Client().get(reverse("members:passkey"), secure=True)
    assert guest.status_code == 405 and not guest.cookies and "Go back there" in str(guest.content)

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.filebased import EmailBackend
from django.urls import include, path

from advocacy_site import mailbox
from advocacy_site.urls import urlpatterns as urls_of_the_site

urlpatterns = [*urls_of_the_site, path("mailbox/", include(mailbox.urlpatterns))]

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture
def send(settings, tmp_path):
    settings.MAIL_FOLDER = tmp_path

    def send(*subjects):
        """Over one connection, as a worker does: all of them land in one file."""
        mails = [
            EmailMultiAlternatives(subject, "Plain words.", to=["ann@harbor.example"])
            for subject in subjects
        ]
        for mail in mails:
            mail.attach_alternative("<p>Words with <b>tags</b>.</p>", "text/html")
        EmailBackend(alias="default", file_path=tmp_path).send_messages(mails)

    return send


def test_an_empty_mailbox_says_so(client, send):
    assert "No mail yet." in client.get("/mailbox/").text


def test_mails_are_listed_newest_first(client, send):
    send("The first", "The second")
    send("The third")
    page = client.get("/mailbox/").text
    assert page.index("The third") < page.index("The second") < page.index("The first")


def test_a_mail_shows_its_text_and_the_source_of_its_html(client, send):
    send("Häuser & <gardens>")
    (mail,) = mailbox.mails()
    page = client.get(mail.get_absolute_url()).text
    assert "Häuser &amp; &lt;gardens&gt;" in page
    assert "Plain words." in page
    assert "&lt;b&gt;tags&lt;/b&gt;" in page
    assert "ann@harbor.example" in page


def test_an_unknown_mail_is_not_found(client, send):
    assert client.get("/mailbox/nothing/1/").status_code == 404


@pytest.mark.urls("advocacy_site.urls")
def test_there_is_no_mailbox_unless_settings_show_it(client):
    assert client.get("/mailbox/").status_code == 404

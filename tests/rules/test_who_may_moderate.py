"""Every address of the moderators' desk, found in the resolver: guarded, and changed by no GET."""

import pytest
from django.apps import apps
from django.urls import reverse

from community.comments.models import Comment, Report
from community.moderation import urls
from community.moderation.models import Appeal, Message, ModerationAct
from tests.community.comments.factories import make_comment
from tests.community.moderation.factories import decide, make_moderator, make_report
from tests.factories import make_member

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
DEEDS = ("accepted", "hidden", "paused", "banned", "warned", "edited", "noted")
# Open to everyone, and to whom a message is for.
PUBLIC = {"numbers", "numbers-of-year"}
THEIR_OWN = {"messages", "message", "send-again", "appeal-against", "acknowledge"}


def addresses(pk):
    """Every named address, with a comment's, member's or act's number where one is asked for."""
    found = {}
    for pattern in urls.urlpatterns:
        takes = {
            name: {"year": 2026, "line": "held"}.get(name, pk)
            for name in pattern.pattern.converters
        }
        found[pattern.name] = reverse(f"moderation:{pattern.name}", kwargs=takes)
    return found


@pytest.fixture
def scene():
    """A comment, a member and an act that share no number but are all there."""
    writer = make_member()
    comment = make_comment("A text.", by=writer, state="held")
    make_report(comment, reason="worried")
    act = decide("hidden", make_comment(by=writer))
    Appeal.objects.create(act=act, member=writer, words="Look again.")
    decide("paused", member=writer, until=make_tomorrow())
    return {"comment": comment, "writer": writer, "act": act}


def make_tomorrow():
    from django.utils import timezone

    return timezone.now() + timezone.timedelta(days=1)


def kept():
    """Everything the desk could change, as rows."""
    models = [*apps.get_app_config("moderation").get_models(), Comment, Report]
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    from community.members.models import Member

    return rows | {"stopped": list(Member.objects.values_list("suspended_until", flat=True))}


def test_every_view_of_the_desk_carries_its_guard():
    for pattern in urls.urlpatterns:
        if pattern.name not in PUBLIC | THEIR_OWN:
            assert getattr(pattern.callback, "guard", "") in {"may_moderate", "leads"}, pattern.name


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("who", ["member", "editor", "staff", "guest"])
def test_nobody_without_the_right_gets_in_anywhere(client, scene, who, method):
    if who != "guest":
        client.force_login(make_member(editor=who == "editor", staff=who == "staff"))
    before = kept()
    for pk in {scene["comment"].pk, scene["writer"].pk, scene["act"].pk}:
        for name, address in addresses(pk).items():
            if name in PUBLIC:
                continue
            for deed in DEEDS if name.startswith("decide") else [""]:
                data = {"do": deed, "why": "x", "rule": "3", "words": "x", "sure": "1"}
                answer = getattr(client, method)(address, data, secure=True)
                expected = {404, 405} if who != "guest" else {302, 405}
                if name == "messages" and who != "guest":
                    expected = {200, 405}  # her own list, which is empty
                assert answer.status_code in expected, (name, deed, answer.status_code)
                if answer.status_code == 302:
                    assert "/sign-in/" in answer["Location"], name
    assert kept() == before


def test_a_moderator_is_let_into_every_page(client, scene):
    """So that the refusals above are about rights and not about addresses that lead nowhere."""
    client.force_login(make_moderator(lead=True))
    right = {
        "appeal": scene["act"].pk, "act": scene["act"].pk, "member": scene["writer"].pk,
        "decide-member": scene["writer"].pk,
    }  # fmt: skip
    for name in {p.name for p in urls.urlpatterns} - THEIR_OWN:
        address = addresses(right.get(name, scene["comment"].pk))[name]
        if name.startswith("decide"):
            address += "?do=wrote"
        assert client.get(address, secure=True).status_code in {200, 405}, name


def test_no_get_changes_anything_for_anyone(client, scene):
    for who in (make_moderator(lead=True), scene["writer"], make_member()):
        client.force_login(who)
        before = kept()
        for pk in {scene["comment"].pk, scene["writer"].pk, scene["act"].pk}:
            for address in addresses(pk).values():
                for query in ("", *(f"?do={deed}&rule=3&reply=1&sure=1" for deed in DEEDS)):
                    client.get(address + query, secure=True)
                    client.head(address + query, secure=True)
        assert kept() == before


def test_bans_are_for_leads(client, scene):
    address = reverse("moderation:decide-member", args=[scene["writer"].pk])
    client.force_login(make_moderator())
    assert client.get(f"{address}?do=banned", secure=True).status_code == 404
    assert client.post(address, {"do": "banned"}, secure=True).status_code == 404
    client.force_login(make_moderator(lead=True))
    assert client.get(f"{address}?do=banned", secure=True).status_code == 200


def test_moderators_keep_no_lists_in_the_admin_and_leads_do(client):
    names = ("stockreply", "shift")
    for lead, expected in ((False, 403), (True, 200)):
        client.force_login(make_moderator(lead=lead))
        for name in names:
            address = reverse(f"admin:moderation_{name}_changelist")
            assert client.get(address, secure=True).status_code == expected, name
    client.force_login(make_member(editor=True))
    for name in names:
        address = reverse(f"admin:moderation_{name}_changelist")
        assert client.get(address, secure=True).status_code == 403


def test_a_moderated_writer_learns_nothing_but_her_own_messages(client, scene):
    """No address of the site shows her a reporter, a note or a decision about somebody else."""
    from community.moderation.models import StaffNote

    reporter = make_member(display_name="Reporting Rita")
    moderator = make_moderator(display_name="Moderating Mo")
    other = make_member(display_name="Other Olga")
    StaffNote.objects.create(member=scene["writer"], by=moderator, words="SECRET-NOTE")
    shown = make_comment(by=scene["writer"])
    make_report(shown, by=reporter, words="SECRET-REPORT")
    others = decide(
        "hidden", make_comment("SECRET-WORDS", by=other), by=moderator, why="SECRET-WHY"
    )
    client.force_login(scene["writer"])
    secrets = ("SECRET", "Reporting Rita", "Moderating Mo")
    numbers = {p: addresses(p) for p in (shown.pk, scene["act"].pk, others.pk, scene["writer"].pk)}
    pages = [address for found in numbers.values() for address in found.values()]
    pages += [
        "/account/", "/account/moderation/", f"/comments/{shown.pk}/", "/account/comments/",
        shown.article.get_absolute_url(), f"/members/{scene['writer'].handle}/",
    ]  # fmt: skip
    for address in pages:
        page = client.get(address, secure=True)
        text = page.content.decode()
        assert not any(secret in text for secret in secrets), address
    assert client.get(f"/account/moderation/{others.pk}/", secure=True).status_code == 404
    mine = client.get(f"/account/moderation/{scene['act'].pk}/", secure=True)
    assert mine.status_code == 200
    from community.members import personal_data

    handed = str([list(function(scene["writer"])) for function in personal_data.exports().values()])
    assert not any(secret in handed for secret in secrets)
    assert Message.objects.filter(member=scene["writer"]).count() == 2
    assert ModerationAct.objects.filter(member=other).count() == 1

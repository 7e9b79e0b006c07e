"""What members itself says about a member (see personal_data.py)."""

from . import personal_data
from .models import Member
from .reading import Reading


def register() -> None:
    personal_data.register_export("Your account", account)
    personal_data.register_export("What you agreed to", agreements)
    personal_data.register_export("Where you are signed in", sign_ins)
    personal_data.register_export("People you chose not to see", ignores)
    personal_data.register_export("Topics you hid", hidden_topics)
    personal_data.register_export("Copies of your data you asked for", exports)


def account(member: Member) -> list[dict]:
    reading = Reading.read(member.reading_settings)
    return [
        {
            "Email address": member.email,
            "Display name": member.display_name,
            "Profile address": member.get_absolute_url(),
            "In your own words": member.own_words,
            "Connection with MBC": member.get_relation_display(),
            "Connection shown to others": member.relation_is_shown,
            "Joined on": member.joined_at,
            "Last sign-in": member.last_login,
            "Has a password": member.has_usable_password(),
            "Second factors and passkeys": [
                kind.get_type_display() for kind in member.authenticator_set.all()
            ],
            "Reading settings": {
                "text size": reading.text,
                "colors": reading.theme or "like the device",
                "calm mode": reading.calm,
                "survival numbers hidden": reading.hide_numbers,
                "quiet topics": reading.quiet,
            },
            "Suspended until": suspension(member),
            "Mail paused since": member.mail_paused_at,
            "Account closes on": member.closes_at,
            "Wish for your words after your death": member.get_wish_display(),
            "Who may ask": member.wish_contact,
        }
    ]


def suspension(member: Member):
    """The moment it ends; a ban without an end is kept as the last date there is."""
    until = member.suspended_until
    return "without an end date" if until and until.year > 9990 else until


def agreements(member: Member) -> list[dict]:
    acceptances = member.acceptances.select_related("version__policy").order_by("at")
    return [
        {"Text": str(acceptance.version), "Agreed on": acceptance.at} for acceptance in acceptances
    ]


def sign_ins(member: Member) -> list[dict]:
    return [
        {"Browser": browser.description, "Signed in on": browser.signed_in_at}
        for browser in member.browsers.order_by("signed_in_at")
    ]


def ignores(member: Member) -> list[dict]:
    return [
        {"Name": ignore.ignored.display_name, "Since": ignore.at}
        for ignore in member.ignores.select_related("ignored").order_by("at")
    ]


def hidden_topics(member: Member) -> list[dict]:
    return [{"Topic": hidden.slug} for hidden in member.hidden_topics.all()]


def exports(member: Member) -> list[dict]:
    return [
        {"Asked on": export.asked_at, "Made on": export.made_at}
        for export in member.exports.defer("archive").order_by("asked_at")
    ]

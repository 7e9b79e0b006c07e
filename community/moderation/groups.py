"""The first groups and the first stock replies, made once after migrating."""

from django.apps import apps
from django.contrib.auth.management import create_permissions

MODERATORS = "Moderators"
LEADS = "Lead moderators"
# What leads keep in the admin; codenames of whole models, by app.
LEADS_RUN = {
    "moderation": ["stockreply", "shift"],
    "comments": ["listedword", "conversation", "conversationswitch"],
}
FIRST_REPLIES = [
    {
        "title": "The help card",
        "country": country,
        "is_crisis": True,
        "words": "I read what you wrote, and I am glad you said it here. If tonight feels too"
        f" heavy, {line} If you are in danger right now, {emergency}. You do not have to sort"
        " out your words first. I will look here again.",
    }
    for country, line, emergency in [
        ("United States", "you can call or text 988 at any hour.", "call 911"),
        ("Canada", "you can call or text 9-8-8 at any hour.", "call 911"),
        ("United Kingdom", "you can call Samaritans on 116 123 at any hour.", "call 999"),
        ("Ireland", "you can call Samaritans on 116 123 at any hour.", "call 112"),
        ("Australia", "you can call Lifeline on 13 11 14 at any hour.", "call 000"),
        ("New Zealand", "you can call or text 1737 at any hour.", "call 111"),
    ]
] + [
    {
        "title": "Welcome",
        "what": "accepted",
        "words": "Thank you for writing. It is good to have you here.",
    },
    {
        "title": "A private detail",
        "what": "edited",
        "words": "Search engines can read what is posted here. I took the detail out so that it"
        " cannot be used to find you or your team.",
    },
    {
        "title": "Selling",
        "what": "hidden",
        "words": "I took this down because it offers something for sale. Tell us what you did and"
        " how it went for you, without the offer, and send it again.",
    },
    {
        "title": "Advice to others",
        "what": "hidden",
        "words": "This tells others what to do about their treatment. Say what you did and how it"
        " went for you, and send it again.",
    },
    {
        "title": "Not medical advice",
        "what": "noted",
        "words": "Your comment stays. I put a note under it, because readers may act on it and"
        " everybody’s case is different.",
    },
    {
        "title": "Unkind",
        "what": "warned",
        "words": "I know that there are bad days. Speak to people here as if they had slept badly"
        " and you liked them.",
    },
]


def create_groups(sender, using, **kwargs):
    """Later changes an admin makes are kept."""
    from django.contrib.auth.models import Group, Permission

    for label in LEADS_RUN:
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    permissions = Permission.objects.using(using)
    mine = permissions.filter(content_type__app_label="moderation")
    moderators, is_new = Group.objects.using(using).get_or_create(name=MODERATORS)
    if is_new:
        moderators.permissions.add(*mine.filter(codename="moderate"))
    leads, is_new = Group.objects.using(using).get_or_create(name=LEADS)
    if is_new:
        leads.permissions.add(*mine.filter(codename__in=["moderate", "lead_moderation"]))
        leads.permissions.add(
            *permissions.filter(content_type__app_label="members", codename="remember_member")
        )
        for label, models in LEADS_RUN.items():
            leads.permissions.add(
                *permissions.filter(content_type__app_label=label, content_type__model__in=models)
            )


def create_first_replies(sender, using, **kwargs):
    from .models import StockReply

    if not StockReply.objects.using(using).exists():
        StockReply.objects.using(using).bulk_create(
            [StockReply(**reply) for reply in FIRST_REPLIES]
        )

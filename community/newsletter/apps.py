from django.apps import AppConfig


class NewsletterConfig(AppConfig):
    name = "community.newsletter"
    label = "newsletter"

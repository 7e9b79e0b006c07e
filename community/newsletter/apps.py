from django.apps import AppConfig


class NewsletterConfig(AppConfig):
    name = "community.newsletter"
    label = "newsletter"

    def ready(self):
        from . import cards, wording  # models are not loaded before this

        wording.forget_when_texts_change()
        cards.lend_cards()
